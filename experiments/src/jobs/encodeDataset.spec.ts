import { DatasetWriter } from '@fermata/data';
import { selectBackend } from '@fermata/tensor';
import { testBackends } from '@fermata/testing';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { minimal } from '../testing/minimal';
import { encodeDataset } from './encodeDataset';
import { outcomeOf, perform } from './job';
import { hasSequence, type RowArgument } from './rowRun';
import { rowNamed } from '../rows';
import { trainRow } from './trainRow';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const runs = process.env.FERMATA_RUNS;
beforeAll(async () => {
  process.env.FERMATA_RUNS = join(folder, 'runs');
  await selectBackend(testBackends.at(-1));
});
afterAll(() => {
  if (runs === undefined) delete process.env.FERMATA_RUNS;
  else process.env.FERMATA_RUNS = runs;
  rmSync(folder, { recursive: true });
});

it('makes damaged codes again, and says so', async () => {
  const audio = join(folder, 'audio');
  const writer = new DatasetWriter(audio, { symbols: 256, rate: 16000, description: 'steps' });
  for (const split of ['train', 'validation', 'test'] as const) {
    const symbols = Uint8Array.from({ length: 4096 }, (_, t) => 64 + 3 * (t % 40) + split.length);
    writer.add({ id: split, source: '', split }, symbols);
  }
  writer.finish().close();
  const warnings: string[] = [];
  const context = {
    onProgress: () => undefined,
    onWarning: (message: string) => warnings.push(message),
    signal: new AbortController().signal,
  };
  const argument: RowArgument = { row: '1.2', scale: minimal, seed: 1, audio, dataName: 'steps' };
  await perform(trainRow, argument, context);
  const made = await perform(encodeDataset, argument, context);
  const hasCodes = () => hasSequence(rowNamed('2.1').sequence, argument);
  expect([outcomeOf(encodeDataset, argument), hasCodes(), warnings]).toEqual([made, true, []]);

  const shard = encodeDataset.run(argument).file('codes/shard-00000.bin');
  const codes = readFileSync(shard);
  writeFileSync(
    shard,
    codes.fill(0, codes.length / 2).map((code, t) => (t < 10 ? code : 0)),
  );
  expect([outcomeOf(encodeDataset, argument), hasCodes()]).toEqual([undefined, false]);
  expect(await perform(encodeDataset, argument, context)).toEqual(made);
  expect(warnings).toEqual([
    expect.stringMatching(/of its 3 pieces are damaged, such as .*\. It is made again\.$/),
  ]);
  expect([outcomeOf(encodeDataset, argument), hasCodes()]).toEqual([made, true]);
});
