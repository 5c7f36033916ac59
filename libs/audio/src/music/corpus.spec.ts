import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UserError } from '@fermata/core';

import { decodeMuLaw } from '../mulaw';
import { builtInCorpus, mostWanted, readPiece } from './corpus';

const folder = mkdtempSync(join(tmpdir(), 'fermata-corpus-'));
const minutes = 0.5;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

jest.setTimeout(120_000);

describe('builtInCorpus', () => {
  it('makes pieces for each split, with their notes beside the audio', async () => {
    const stages: number[] = [];
    const dataset = await builtInCorpus({
      minutes,
      folder,
      onProgress: ({ done, total }) => stages.push(done / total),
    });
    expect(dataset.symbols).toBe(256);
    expect(dataset.rate).toBe(16000);
    expect(dataset.notes.join()).toContain('Alexander Holm');
    expect(new Set(dataset.pieces.map(({ split }) => split))).toEqual(
      new Set(['train', 'validation', 'test']),
    );
    expect(dataset.pieces.reduce((sum, { length }) => sum + length, 0) / 16000 / 60).toBeGreaterThanOrEqual(
      minutes,
    );
    expect(stages[0]).toBe(0);
    expect(stages[stages.length - 1]).toBe(1);
    expect([...stages].sort((a, b) => a - b)).toEqual(stages);

    for (const info of dataset.pieces) {
      const { notes, title, key, motif, occurrences } = readPiece(dataset, info);
      expect(info.title).toBe(title);
      expect(title).toContain(key.mode);
      expect(occurrences.length).toBeGreaterThan(0);
      expect(motif.rhythm.length).toBe(motif.steps.length);
      // The notes match the sound: silence before the first, its attack right after.
      const samples = decodeMuLaw(dataset.read(info));
      const first = Math.round(notes[0].onset * 16000);
      const peak = (from: number, to: number): number =>
        samples.subarray(from, to).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(peak(0, first)).toBeLessThan(1e-3);
      expect(peak(first, first + 800)).toBeGreaterThan(0.01);
      expect(peak(0, samples.length)).toBeLessThan(0.7);
    }
    dataset.close();
  });

  it('is made once, and the same again after it was stopped half-way', async () => {
    const before = await builtInCorpus({ minutes, folder });
    const { folder: made, fingerprint } = before;
    before.close();
    const written = statSync(join(made, 'index.json')).mtimeMs;
    (await builtInCorpus({ minutes, folder })).close();
    expect(statSync(join(made, 'index.json')).mtimeMs).toBe(written);

    rmSync(made, { recursive: true });
    const stop = new AbortController();
    const stopped = builtInCorpus({
      minutes,
      folder,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done > 0) stop.abort();
      },
    });
    await expect(stopped).rejects.toThrow('aborted');
    expect(existsSync(join(made, 'index.json'))).toBe(false);
    expect(existsSync(join(made, 'notes', 'piece-00001.json'))).toBe(true);

    const after = await builtInCorpus({ minutes, folder });
    expect(after.fingerprint).toBe(fingerprint);
    expect(after.pieces).toEqual(before.pieces);
    expect(readdirSync(join(made, 'notes'))).toHaveLength(after.pieces.length);
    after.close();
  });

  it('has different music for each seed', async () => {
    const [one, two] = [
      await builtInCorpus({ minutes, folder }),
      await builtInCorpus({ minutes, folder, seed: 2 }),
    ];
    expect(two.fingerprint).not.toBe(one.fingerprint);
    one.close();
    two.close();
  });

  it('has the requested size of the mu-law alphabet', async () => {
    const [coarse, fine] = [
      await builtInCorpus({ minutes, folder }),
      await builtInCorpus({ minutes, folder, symbols: 1024 }),
    ];
    expect(fine.symbols).toBe(1024);
    const waveform = (dataset: typeof fine) =>
      decodeMuLaw(dataset.read(dataset.pieces[0], 20000, 20000), dataset.symbols);
    const [rough, smooth] = [waveform(coarse), waveform(fine)];
    const farthest = smooth.reduce((most, sample, t) => Math.max(most, Math.abs(sample - rough[t])), 0);
    expect(farthest).toBeGreaterThan(0);
    expect(farthest).toBeLessThan(0.02);
    coarse.close();
    fine.close();
  });

  it.each([0, -1, NaN, Infinity])('does not take %d minutes', async (wrong) => {
    await expect(builtInCorpus({ minutes: wrong, folder })).rejects.toThrow(UserError);
  });
});

describe('mostWanted', () => {
  it.each([
    [0, 0, 0, 'train'],
    [60, 0, 0, 'validation'],
    [60, 60, 0, 'test'],
    [60, 60, 60, 'train'],
    [400, 60, 60, 'train'],
    [600, 80, 60, 'test'],
  ])('after %d s of train, %d of validation and %d of test is %s', (train, validation, test, split) => {
    expect(mostWanted({ train, validation, test })).toBe(split);
  });
});
