import { randomExcerpts } from '@fermata/data';
import { fingerprint } from '@fermata/core';
import type { Model } from '@fermata/models';
import { CodebookMonitor } from '@fermata/quantisers';
import { train, type JobContext, type Run, type TrainingConfig } from '@fermata/training';

import { describeModel } from '../models';
import { rowNamed, trainingConfig } from '../rows';
import { scoringOf } from '../sequences';
import { readLabel, writeLabel } from './label';
import type { JobKind } from './job';
import { measureRow } from './measureRow';
import type { RowOutcome } from './outcomes';
import { configOf, freshModel, type RowArgument, rowRun, withRowData } from './rowRun';

/** Trains a row's model and measures it on a held-out split. */
export const trainRow: JobKind<RowArgument, RowOutcome> = {
  run: rowRun,
  // The file's name depends on the scored positions: a new row with a larger receptive field changes them, but not the
  // training.
  outcomeFile: ({ row, scale, settings, heldOut = 'test' }) => {
    const { skip, multipleOf, most } = scoringOf(rowNamed(row), scale, settings);
    const scored = Number.isFinite(most) ? scale.scoredMinutes : 'all';
    return `measured-${fingerprint({ version: 3, skip, multipleOf, scored, heldOut })}.json`;
  },
  work: (argument, run, context) =>
    withRowData(argument, async (dataset) => {
      const { model: design, budget, loop } = configOf(argument);
      const config = trainingConfig(budget, argument.seed, loop);
      const { receptiveField } = describeModel(design);
      const model = freshModel(argument);
      writeLabel(run, argument);
      const monitor = codebookMonitor(model, run, config, context);
      const result = await train({
        model,
        config,
        run,
        batch: (_step, key) =>
          randomExcerpts(dataset, {
            split: 'train',
            length: config.cropLength,
            count: config.batchSize,
            multipleOf: model.hop,
            key,
          }),
        onStep: (step, metrics) => monitor?.observe({ step, metrics }),
        ...context,
      });
      const measured = await measureRow(model, dataset, argument, context);
      const { parameterCount: parameters } = model;
      model.dispose();
      return {
        row: argument.row,
        run: run.id,
        ...measured,
        parameters,
        receptiveField,
        timesteps: result.timesteps,
        seconds: result.wallSeconds,
      };
    }),
  restore: (argument, run) => {
    if (readLabel(run) === undefined) writeLabel(run, argument);
    run.restoreProvenance();
  },
};

/** Warns if a codebook collapses, without repeating a warning of an earlier session. */
function codebookMonitor(
  { codebookSize, hop }: Model,
  run: Run,
  { batchSize, cropLength }: TrainingConfig,
  { onWarning }: JobContext,
): CodebookMonitor | undefined {
  if (codebookSize === null) return undefined;
  const history = run.metrics().filter(({ kind }) => kind === 'train');
  return new CodebookMonitor({ codebookSize, positions: (batchSize * cropLength) / hop, history, onWarning });
}
