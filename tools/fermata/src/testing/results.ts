import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A plausible record of one training, with the numbers of a spec and invented others. */
export interface RecordedNumbers {
  readonly row: string;
  readonly seed: number;
  readonly measured: Readonly<Record<string, unknown>> & {
    readonly codes?: Readonly<Record<string, unknown>>;
  };
}

const numbers = { run: 'run', positions: 10, parameters: 5, receptiveField: 7, timesteps: 100, seconds: 3 };
const codesOf = { perplexity: 10, oneSecondPerplexity: null, codesInUse: 12, histogram: [1], shuffledNll: 4 };

/** Records trainings in a results folder, in a subfolder for the scale and one for the data. */
export function writeResults(folder: string, trainings: readonly RecordedNumbers[]): void {
  mkdirSync(folder, { recursive: true });
  const scale = basename(dirname(folder));
  const data = { name: basename(folder), fingerprint: 'abc' };
  for (const { row, seed, measured } of trainings) {
    const { codes } = measured;
    const recorded = {
      format: 'fermata-row-1',
      row,
      scale,
      data,
      seed,
      measured: { row, ...numbers, ...measured, ...(codes && { codes: { ...codesOf, ...codes } }) },
      curve: [{ timesteps: 10, nll: 3 }],
      provenance: { run: 'run', schemaVersion: 1, seed, data: 'abc', started: 'now', sessions: [] },
    };
    writeFileSync(join(folder, `${row}.seed-${seed}.json`), JSON.stringify(recorded));
  }
}
