import { writeWav } from '@fermata/audio';
import { RunStore } from '@fermata/training';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { rowNamed } from '../rows';
import { loadExcerpts } from './loadExcerpts';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('groups rows by piece and place, separates performances of one title, and accepts silence', async () => {
  const rows = ['1.2', '1.3', '1.2-10-bit'].map((id, index) => {
    const run = new RunStore(folder).run({ config: { id }, seed: 1, data: 'noise' });
    run.writeConfig();
    const excerpts = ['a.mid', 'b.mid'].map((piece, number) => {
      const files = { original: `original-${number}.wav`, reconstruction: `reconstruction-${number}.wav` };
      writeWav(run.file(files.original), new Float32Array((id === '1.2-10-bit' ? 50 : 10) + number), 16000);
      writeWav(run.file(files.reconstruction), new Float32Array(20 + 10 * index + number), 16000);
      const distances = { logSpectralDistance: 1, loudnessDeviation: 2 };
      return { piece, title: 'Etude', startSeconds: 28.9 + number / 100, ...files, ...distances };
    });
    return { row: rowNamed(id), run, outcome: { excerpts } };
  });
  const excerpts = await loadExcerpts(rows, 16000);
  expect(
    excerpts.map(({ title, original, reconstructions }) => [
      title,
      original.length,
      ...reconstructions.map((one) => [
        `${one.row.id}: ${one.samples.length}`,
        one.logSpectralDistance,
        one.loudnessDeviation,
      ]),
    ]),
  ).toEqual([
    ['Etude, from 29 s on', 10, ['1.2: 20', 1, 2], ['1.3: 30', 1, 2]],
    ['Etude, from 29 s on', 11, ['1.2: 21', 1, 2], ['1.3: 31', 1, 2]],
    // These have another number of bits, like their original.
    ['Etude, from 29 s on', 50, ['1.2-10-bit: 40', 1, 2]],
    ['Etude, from 29 s on', 51, ['1.2-10-bit: 41', 1, 2]],
  ]);
});
