/** Reads ffmpeg's names of channel layouts. */

const channelsByName: Readonly<Record<string, number>> = {
  mono: 1,
  stereo: 2,
  downmix: 2,
  binaural: 2,
  quad: 4,
  'quad(side)': 4,
  hexagonal: 6,
  octagonal: 8,
  cube: 8,
  hexadecagonal: 16,
};

/**
 * How many channels a layout has.
 *
 * @param name such as `stereo`, `5.1(side)`, `7.1.4` or `6 channels`
 * @returns null where the name is unknown
 */
export function channelsOfLayout(name: string): number | null {
  const named = Object.hasOwn(channelsByName, name) ? channelsByName[name] : undefined;
  if (named !== undefined) return named;
  const counted = /^(\d+) channels?\b/.exec(name)?.[1];
  if (counted !== undefined) return Number(counted);
  const ambisonicOrder = /^ambisonic (\d+)$/.exec(name)?.[1];
  if (ambisonicOrder !== undefined) return (Number(ambisonicOrder) + 1) ** 2;
  const dotted = /^(\d+(?:\.\d+)+)(?:\([a-z-]+\))?$/.exec(name)?.[1];
  return dotted === undefined ? null : dotted.split('.').reduce((sum, digits) => sum + Number(digits), 0);
}

/** Whether a layout says where its channels stand, which loudness measuring needs to weight them. */
export function isPositionedLayout(name: string): boolean {
  return /^[a-z0-9.()-]+$/.test(name);
}
