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

it('finds the audio that was kept, of each training its own, and passes over what was not', async () => {
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
});
