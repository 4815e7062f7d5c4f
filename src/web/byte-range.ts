/** Reads the `Range` header of a request (RFC 9110, section 14): which bytes of a file are asked for. */

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * `whole` where nothing was asked for that must be regarded: no header, another unit, or several ranges, which a
 * server may answer with everything. `unsatisfiable` where no byte is meant, or the header cannot be read.
 */
export type RequestedRange = ByteRange | 'whole' | 'unsatisfiable';

/** @param sizeBytes of the file as it is now */
export function readRange(header: string | null, sizeBytes: number): RequestedRange {
  if (header === null) return 'whole';
  const [, unit, set] = /^\s*([a-z]+)\s*=(.*)$/is.exec(header) ?? [];
  if (unit === undefined || set === undefined) return 'unsatisfiable';
  if (unit.toLowerCase() !== 'bytes') return 'whole';
  if (set.includes(',')) return 'whole';
  const [, first, last] = /^\s*(\d*)\s*-\s*(\d*)\s*$/.exec(set) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'unsatisfiable';
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (first === '') {
    // The last bytes, as many as there are.
    const count = Math.min(Number(last), sizeBytes);
    return count === 0 ? 'unsatisfiable' : { start: sizeBytes - count, end: sizeBytes - 1 };
  }
  const start = Number(first);
  return start > end ? 'unsatisfiable' : { start, end };
}
