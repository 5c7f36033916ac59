import { checksum } from '../files/ogg/pages';

/** A file whose Ogg pages, as far as they are whole, have right checksums. Other files stay as they are. */
export function withChecksums(file: Buffer): Buffer {
  const bytes = Buffer.from(file);
  for (let at = 0; bytes.toString('latin1', at, at + 4) === 'OggS' && at + 27 < bytes.length;) {
    const start = at + 27 + bytes[at + 26];
    const end = bytes.subarray(at + 27, start).reduce((sum, size) => sum + size, start);
    if (end > bytes.length) break;
    bytes.writeUInt32LE(checksum(bytes.subarray(at, end)), at + 22);
    at = end;
  }
  return bytes;
}
