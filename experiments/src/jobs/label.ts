import type { Run } from '@fermata/training';
import { z } from 'zod';

import { rowNamed, type Settings } from '../rows';
import { sequenceOf } from '../sequences';
import { belowOf, rowRun, type RowArgument } from './rowRun';

/**
 * Description of a run for people, kept beside its config as `label.json`. It spells out the settings behind the hash
 * in the folder's name, and lets a model be used without its data.
 */
export const runLabel = z.object({
  row: z.string().describe('row of a table'),
  scale: z.string(),
  seed: z.int().min(0),
  settings: z.exactOptional(z.record(z.string(), z.json()).describe("changes to the row's own settings")),
  data: z.string().describe('name of the data'),
  bits: z.int().min(1).describe('bits of mu-law of the audio at the bottom'),
  rate: z.number().gt(0).describe('symbols per second of the sequence modelled'),
  below: z.array(z.string()).readonly().describe('runs of the levels below, level 1 first'),
});
export type RunLabel = Readonly<Omit<z.output<typeof runLabel>, 'settings'>> & {
  readonly settings?: Settings;
};

/** Writes the label of a row's training run. */
export function writeLabel(run: Run, argument: RowArgument): void {
  const { row: id, scale, seed, settings, dataName } = argument;
  const { bits, rate, levels } = sequenceOf(rowNamed(id).sequence, scale);
  run.writeConfig();
  run.writeJson('label.json', {
    row: id,
    scale: scale.name,
    seed,
    ...(settings && { settings }),
    data: dataName,
    bits,
    rate,
    below: levels.map((level) => rowRun(belowOf(level.id, argument)).id),
  } satisfies RunLabel);
}

/** Label of a run; undefined for a run without a row, such as a notebook's. @throws UserError for a damaged label */
export function readLabel(run: Run): RunLabel | undefined {
  return run.readJson('label.json', runLabel);
}
