import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  crc32c,
  encodeScalars,
  encodeSessionStart,
  encodeVersion,
  EventsWriter,
  frameRecord,
} from './events';

const golden = JSON.parse(
  readFileSync(join(__dirname, '../../../../tools/goldens/training/events.json'), 'utf8'),
) as Record<string, string>;

describe('TensorBoard events', () => {
  const wallTime = 1e9 + 0.25;
  it.each<[string, Uint8Array]>([
    ['version', encodeVersion(wallTime)],
    ['start', encodeSessionStart(wallTime, 301)],
    ['scalars', encodeScalars(wallTime, 300, { 'train/nll': 2.5, 'train/loss': -0.1 })],
    ['late', encodeScalars(wallTime, 2 ** 40 + 3, { 'train/nll': 1e-8 })],
  ])('have the bytes that TensorBoard writes: %s', (name, event) => {
    expect(Buffer.from(frameRecord(event)).toString('hex')).toBe(golden[name]);
  });

  it('carry the checksum of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
  });

  it('lie in files whose order by name is their order in time', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
    try {
      for (const step of [0, 7, 20]) new EventsWriter(folder, step).close();
      const starts = readdirSync(folder)
        .sort()
        .map((name) => readFileSync(join(folder, name)))
        .map((bytes) => bytes.at(-4 - 5)); // the step precedes the status, 4 bytes, and the checksum
      expect(starts).toEqual([0, 7, 20]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
