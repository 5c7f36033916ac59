import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One training as it might have been recorded: as much of it as commands read. */
export interface RecordedNumbers {
  readonly row: string;
  readonly seed: number;
  readonly measured: Readonly<Record<string, unknown>>;
}

/** Records trainings in a folder of results, under a scale and the name of data. */
export function writeResults(folder: string, trainings: readonly RecordedNumbers[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { row, seed, measured } of trainings) {
    const data = { name: 'piano', fingerprint: 'abc' };
    writeFileSync(
      join(folder, `${row}.seed-${seed}.json`),
      JSON.stringify({ format: 'fermata-row-1', row, seed, data, measured }),
    );
  }
}
