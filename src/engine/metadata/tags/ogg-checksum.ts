/** The checksum of an Ogg page: CRC-32 with the polynomial 0x04c11db7, not reflected, without inversion. */

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
  return value >>> 0;
});

/** @param page a whole page whose checksum field (bytes 22 to 25) is zero */
export function oggChecksum(page: Uint8Array): number {
  let checksum = 0;
  for (const byte of page) checksum = (checksum << 8) ^ (table[(checksum >>> 24) ^ byte] ?? 0);
  return checksum >>> 0;
}
