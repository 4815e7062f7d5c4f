/** Makes small zip files for tests, well-formed ones and ones that lie. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntryToWrite {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflated?: boolean;
  /** Bytes of extra field in the local header only, as PyTorch writes to align the data. */
  readonly padding?: number;
  /** Lies for the central directory, instead of the true values. */
  readonly claims?: {
    readonly sizeBytes?: number;
    readonly compressedBytes?: number;
    readonly crc32?: number;
    readonly flags?: number;
    readonly method?: number;
    readonly localHeaderOffset?: number;
  };
}

const zip64Escape = 0xffffffff;

/** With `zip64`, all sizes, offsets and counts stand in the 64-bit records only. */
export function makeZip(entries: readonly ZipEntryToWrite[], { zip64 = false } = {}): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = entry.deflated ? deflateRawSync(entry.data) : Buffer.from(entry.data);
    const name = Buffer.from(entry.name);
    const method = entry.claims?.method ?? (entry.deflated ? 8 : 0);
    const padding = Buffer.alloc(entry.padding ?? 0);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(padding.length, 28);

    const sizes = {
      sizeBytes: entry.claims?.sizeBytes ?? entry.data.byteLength,
      compressedBytes: entry.claims?.compressedBytes ?? packed.byteLength,
      localHeaderOffset: entry.claims?.localHeaderOffset ?? offset,
    };
    const extra = zip64 ? zip64Extra(sizes) : Buffer.alloc(0);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(entry.claims?.flags ?? 0, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(entry.claims?.crc32 ?? crc32(entry.data), 16);
    central.writeUInt32LE(zip64 ? zip64Escape : sizes.compressedBytes, 20);
    central.writeUInt32LE(zip64 ? zip64Escape : sizes.sizeBytes, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(zip64 ? zip64Escape : sizes.localHeaderOffset, 42);

    locals.push(local, name, padding, packed);
    centrals.push(central, name, extra);
    offset += local.length + name.length + padding.length + packed.length;
  }
  const directory = Buffer.concat(centrals);
  const end = zip64
    ? zip64End(entries.length, directory.length, offset)
    : endRecord(entries.length, directory.length, offset);
  return Buffer.concat([...locals, directory, end]);
}

function zip64Extra(sizes: {
  sizeBytes: number;
  compressedBytes: number;
  localHeaderOffset: number;
}): Buffer {
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(sizes.sizeBytes), 4);
  extra.writeBigUInt64LE(BigInt(sizes.compressedBytes), 12);
  extra.writeBigUInt64LE(BigInt(sizes.localHeaderOffset), 20);
  return extra;
}

function endRecord(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  return end;
}

function zip64End(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(directoryBytes), 40);
  record.writeBigUInt64LE(BigInt(directoryOffset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator, endRecord(0xffff, zip64Escape, zip64Escape)]);
}
