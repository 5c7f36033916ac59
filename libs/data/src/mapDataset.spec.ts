import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DatasetWriter, mapDataset, type Dataset, type Split, type Symbols } from '.';

const folder = mkdtempSync(join(tmpdir(), 'map-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function source(name: string, header: { rate?: number }): Dataset {
  const writer = new DatasetWriter(join(folder, name), { symbols: 256, ...header, description: name });
  const pieces: [string, Split, number][] = [
    ['a', 'train', 10],
    ['b', 'test', 3],
    ['c', 'train', 1],
  ];
  for (const [id, split, length] of pieces) {
    writer.add(
      { id, source: '', split, title: id },
      Uint8Array.from({ length }, (_, t) => t),
    );
  }
  return writer.finish([{ file: 'x', reason: 'y' }], ['note']);
}

// Codes of hop 2 from a codebook of 512, which exceed a byte.
const pairs = (symbols: Symbols) =>
  Array.from({ length: symbols.length >> 1 }, (_, i) => 500 + symbols[2 * i]);
const options = { symbols: 512, hop: 2, description: 'pairs' };

it('keeps pieces, splits and notes, divides the rate, and holds codes above 255', async () => {
  const audio = source('timed', { rate: 100 });
  const codes = await mapDataset(audio, { ...options, folder: join(folder, 'codes'), map: pairs });
  expect(codes).toMatchObject({ symbols: 512, rate: 50, skipped: [{ file: 'x' }], notes: ['note'] });
  expect(codes.pieces.map(({ id, split, title, length }) => [id, split, title, length])).toEqual([
    ['a', 'train', 'a', 5],
    ['b', 'test', 'b', 1],
  ]);
  expect([...codes.read(codes.pieces[0])]).toEqual([500, 502, 504, 506, 508]);
  codes.close();
  audio.close();
});

it('makes sequences without a rate from sequences without one', async () => {
  const events = source('events', {});
  const codes = await mapDataset(events, { ...options, folder: join(folder, 'no rate'), map: pairs });
  expect(codes.rate).toBeUndefined();
  codes.close();
  events.close();
});

it('goes on with the first piece that is missing, and counts progress over the whole', async () => {
  const audio = source('interrupted', { rate: 100 });
  const place = join(folder, 'interrupted codes');
  const mapped: string[] = [];
  const failing = mapDataset(audio, {
    ...options,
    folder: place,
    map: (symbols, { id }) => {
      if (id === 'b') throw new Error('stopped');
      mapped.push(id);
      return pairs(symbols);
    },
  });
  await expect(failing).rejects.toThrow('stopped');
  const heard: [number, number][] = [];
  const codes = await mapDataset(audio, {
    ...options,
    folder: place,
    map: (symbols, { id }, onProgress) => {
      mapped.push(id);
      onProgress({ stage: 'encode', done: symbols.length, total: symbols.length });
      return pairs(symbols);
    },
    onProgress: ({ done, total }) => heard.push([done, total]),
  });
  expect(mapped).toEqual(['a', 'b', 'c']);
  expect(heard).toEqual([
    [13, 14],
    [14, 14],
  ]);
  codes.close();
  audio.close();
});
