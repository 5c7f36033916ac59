import { writeWav } from '@fermata/audio';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { recordedRow } from '../testing/recordedRow';
import { keepAudio, loadRecordedExcerpts } from './recordedAudio';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('finds the kept audio of each training, and skips results without audio', async () => {
  const place = { folder, scale: 'small', data: 'piano' };
  const distances = [
    { spectral: 15, loudness: 16 },
    { spectral: 17, loudness: 18 },
  ];
  const rows = ['1.2', '1.3', '1.4'].map((row) =>
    recordedRow({ row, seed: 1, trainNll: 1, evalNll: 2, codes: {}, distances }),
  );
  for (const [index, row] of rows.slice(0, 2).entries()) {
    const run = { file: (name: string) => join(folder, `run ${index} ${name}`) };
    writeWav(run.file('original-1.wav'), new Float32Array(10), 16000);
    writeWav(run.file('reconstruction-1.wav'), new Float32Array(20 + index).fill(0.5), 16000);
    keepAudio(place, row, run, row.reconstructions!.slice(0, 1));
  }
  const unrecorded = recordedRow({ row: '1.1', seed: 1, trainNll: 1, evalNll: 2 });
  const [excerpt, ...others] = await loadRecordedExcerpts(place, [unrecorded, ...rows]);
  expect(others).toEqual([]);
  expect(excerpt).toMatchObject({ title: 'A piece, from 1 s on', rate: 16000 });
  expect(excerpt.original).toEqual(new Float32Array(10));
  expect(
    excerpt.reconstructions.map(({ row, samples, logSpectralDistance }) => [
      row.id,
      samples.length,
      samples[0],
      logSpectralDistance,
    ]),
  ).toEqual([
    ['1.2', 20, 0.5, 15],
    ['1.3', 21, 0.5, 15],
  ]);

  // After another training without kept audio, the old audio belongs to another training.
  const again = rows.map((row) => ({ ...row, measured: { ...row.measured, run: 'another' } }));
  expect(await loadRecordedExcerpts(place, again)).toEqual([]);
});

it('names a file that the run has lost', () => {
  const row = recordedRow({
    row: '1.2',
    seed: 1,
    trainNll: 1,
    evalNll: 2,
    distances: [{ spectral: 1, loudness: 2 }],
  });
  const run = { file: (name: string) => join(folder, 'gone', name) };
  expect(() => {
    keepAudio({ folder, scale: 'small', data: 'piano' }, row, run, row.reconstructions!);
  }).toThrow(`${run.file('original-1.wav')}: there is no such file`);
});
