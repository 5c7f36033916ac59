import { existsSync, readdirSync, statSync } from 'node:fs';

import { provenanceSchema, type Run } from '@fermata/training';
import { z } from 'zod';

import { readLabel, rowOutcome, runLabel } from '../jobs';
import type { ModelConfig } from '../models';
import type { Settings } from '../rows';

/** Increased whenever the meaning of a model's card changes. */
export const cardFormat = 'fermata-model-1';

const count = z.int().nonnegative();
const label = runLabel.omit({ data: true }).shape;

/**
 * Description of a trained model: everything needed to use it without its data, its training and training data, and its
 * measured numbers.
 */
export const modelCard = z.strictObject({
  format: z.literal(cardFormat),
  run: z.string().describe('id of the run that trained it'),
  ...label,
  model: z.object({ kind: z.string(), config: z.record(z.string(), z.json()) }),
  data: z.strictObject({ name: z.string(), fingerprint: z.string() }),
  training: z.record(z.string(), z.json()).describe('settings of the training loop'),
  steps: count.describe('optimiser steps made'),
  plannedSteps: count,
  measured: z.exactOptional(rowOutcome.describe('absent if not measured')),
  provenance: z.exactOptional(provenanceSchema),
});
export type ModelCard = Readonly<Omit<z.output<typeof modelCard>, 'model' | 'settings'>> & {
  readonly model: ModelConfig;
  readonly settings?: Settings;
};

/** The card of a row's training run; undefined for any other run. @throws UserError for a damaged file of the run */
export function cardOf(run: Run): ModelCard | undefined {
  const found = readLabel(run);
  const { model, training } = run.identity.config as {
    model?: ModelConfig;
    training?: { readonly steps: number };
  };
  if (found === undefined || model === undefined || training === undefined) return undefined;
  const { data, ...rest } = found;
  const provenance = run.provenance();
  const measured = measuredOf(run);
  return {
    format: cardFormat,
    run: run.id,
    ...rest,
    model,
    data: { name: data, fingerprint: run.identity.data },
    training: training as unknown as ModelCard['training'],
    steps: run.result()?.steps ?? run.steps(),
    plannedSteps: training.steps,
    ...(measured && { measured }),
    ...(provenance && { provenance }),
  };
}

// The newest measurements.
function measuredOf(run: Run): ModelCard['measured'] {
  if (!existsSync(run.folder)) return undefined;
  const files = readdirSync(run.folder)
    .filter((name) => /^measured-\w+\.json$/.test(name))
    .sort((a, b) => statSync(run.file(a)).mtimeMs - statSync(run.file(b)).mtimeMs);
  const parsed = files.map((name) => rowOutcome.safeParse(run.readJson(name, z.unknown())));
  return parsed.flatMap(({ success, data }) => (success ? [data] : [])).at(-1);
}
