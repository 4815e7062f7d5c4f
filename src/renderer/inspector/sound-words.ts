/** What is said of a song's tempo and key: the generator's word first, then what was measured, and which it is. */
import { parseMusicalKey } from '../../shared/musical-key.ts';
import type { SongDetails } from '../../shared/song-details.ts';
import type { SoundAnalysis } from '../../shared/sound-analysis.ts';
import { measureStrings } from '../strings/measures.ts';

/** Below this a measured value is said not to be sure. */
const sureConfidence = 0.4;
/** Tempi that differ by less than this share are the same. */
const sameTempoShare = 0.02;

type Sounds = Pick<SongDetails, 'generation' | 'soundAnalysis'>;

/** Null where nothing is known yet. */
export function tempoWords({ generation, soundAnalysis }: Sounds): string | null {
  const said = generation?.tempoBpm ?? null;
  const measured = soundAnalysis?.tempoBpm ?? null;
  const isSame = said === null || measured === null || Math.abs(measured / said - 1) < sameTempoShare;
  return valueWords({
    said: said === null ? null : measureStrings.tempoOf(said),
    measured: measured === null ? null : measureStrings.tempoOf(measured),
    ...{ isSame, soundAnalysis, confidence: soundAnalysis?.tempoConfidence ?? 0 },
    nothing: measureStrings.noTempo,
  });
}

/** Null where nothing is known yet. */
export function keyInWords({ generation, soundAnalysis }: Sounds): string | null {
  const said = generation?.musicalKey?.trim() ?? '';
  const measured = soundAnalysis?.musicalKey ?? null;
  return valueWords({
    said: said === '' ? null : measureStrings.keyOf(said),
    measured: measured === null ? null : measureStrings.keyOf(measured),
    ...{ isSame: isSameKey(said, measured), soundAnalysis, confidence: soundAnalysis?.keyConfidence ?? 0 },
    nothing: measureStrings.noKey,
  });
}

interface Values {
  said: string | null;
  measured: string | null;
  isSame: boolean;
  soundAnalysis: SoundAnalysis | null;
  confidence: number;
  nothing: string;
}

function valueWords({ said, measured, isSame, soundAnalysis, confidence, nothing }: Values): string | null {
  const { asGenerated, asGeneratedButMeasured, measured: asMeasured, measuredUnsure } = measureStrings;
  if (said !== null) {
    return isSame || measured === null ? asGenerated(said) : asGeneratedButMeasured(said, measured);
  }
  if (measured !== null) return confidence < sureConfidence ? measuredUnsure(measured) : asMeasured(measured);
  return soundAnalysis === null ? null : nothing;
}

/** `A# minor` and `Bb minor` are one key. */
function isSameKey(said: string, measured: string | null): boolean {
  const [first, second] = [said, measured ?? ''].map(parseMusicalKey);
  if (first == null || second == null) return true;
  return first.tonic === second.tonic && first.mode === second.mode;
}
