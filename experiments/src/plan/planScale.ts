import type { ProgressListener } from '@fermata/core';
import { runJobs } from '@fermata/training';

import { describeRow, modelOf, type Row } from '../rows';
import type { Scale } from '../scales';
import type { MeasuredSteps, StepsArgument } from './measureSteps';
import { planRow, type RowPlan } from './planRow';

export interface PlanOptions {
  readonly scale: Scale;
  readonly rows: readonly Row[];
  /** GFLOP/s that a machine sustains; if left out, measured here in about a second. */
  readonly rate?: number | undefined;
  /** True to make a few training steps of every row. */
  readonly measure: boolean;
  /** Threads to measure steps with; all processors if left out. */
  readonly threads?: number | undefined;
  readonly onProgress?: ProgressListener;
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Options of Node for the processes that measure steps; those of this process if left out. */
  readonly execArgv?: readonly string[];
}

/** Cost of a row, predicted and, on request, measured. */
export interface ScaledRow extends RowPlan {
  /** Seconds predicted from FLOPs and rate, for the training without the measurements after it. */
  readonly secondsPerStep: number;
  readonly seconds: number;
  readonly measured?: MeasuredRow;
}

export interface MeasuredRow extends MeasuredSteps {
  /** Seconds of all planned steps. */
  readonly seconds: number;
  /** Predicted seconds divided by measured ones. */
  readonly timeRatio: number;
  readonly memoryRatio: number | null;
}

/** The JSON of `fermata plan --json`. */
export interface ScalePlan {
  readonly scale: string;
  /** The rate behind the predicted times. */
  readonly gflopsPerSecond: number;
  /** The steps that the rate was measured with; null for a given rate. */
  readonly rateOf: { readonly row: string; readonly batchSize: number; readonly cropLength: number } | null;
  readonly rows: readonly ScaledRow[];
}

const measuredSteps = 3;
// The rate is measured with at least five steps of at most so many FLOPs each, in about a second.
const rateFlops = 1e11;
const fewestRateSteps = 5;

/**
 * Predicts the cost of training each row at a scale and, on request, measures a few steps of each, one process after
 * the other.
 *
 * @throws UserError for an unavailable backend, and if memory runs out
 * @throws the signal's reason if it is aborted
 */
export async function planScale(options: PlanOptions): Promise<ScalePlan> {
  const { scale, rows, measure } = options;
  const plans = rows.map((row) => planRow(row, scale));
  const { gflopsPerSecond, rateOf } = await rateFor(options, plans[0]);
  const planned: ScaledRow[] = [];
  for (const [index, plan] of plans.entries()) {
    const flopsPerSecond = 1e9 * gflopsPerSecond;
    const secondsPerStep = plan.flops / plan.steps / flopsPerSecond;
    const seconds = plan.flops / flopsPerSecond;
    const scaled = { ...plan, secondsPerStep, seconds };
    planned.push(measure ? { ...scaled, measured: await measureRow(options, rows[index], scaled) } : scaled);
  }
  return { scale: scale.name, gflopsPerSecond, rateOf, rows: planned };
}

async function rateFor(
  options: PlanOptions,
  plan: RowPlan,
): Promise<Pick<ScalePlan, 'gflopsPerSecond' | 'rateOf'>> {
  if (options.rate !== undefined) return { gflopsPerSecond: options.rate, rateOf: null };
  const [row] = options.rows;
  const model = modelOf(row, options.scale);
  // Uses the planned batches if they are quick: smaller ones keep threads less busy.
  const { hop } = describeRow(row, options.scale);
  const timesteps = rateFlops / plan.flopsPerTimestep;
  const batchSize = Math.min(plan.batchSize, Math.max(1, Math.floor(timesteps / plan.cropLength)));
  const cropLength = Math.min(plan.cropLength, Math.max(1, Math.floor(timesteps / hop)) * hop);
  const flops = batchSize * cropLength * plan.flopsPerTimestep;
  const steps = Math.max(fewestRateSteps, Math.ceil(rateFlops / flops));
  const { secondsPerStep } = await inProcess(
    `rate of #${row.id}`,
    { model, budget: { batchSize, cropLength }, steps },
    options,
  );
  const gflopsPerSecond = Number((flops / secondsPerStep / 1e9).toPrecision(4));
  return { gflopsPerSecond, rateOf: { row: row.id, batchSize, cropLength } };
}

async function measureRow(
  options: PlanOptions,
  row: Row,
  { batchSize, cropLength, steps, secondsPerStep, memoryMiB }: ScaledRow,
): Promise<MeasuredRow> {
  const measured = await inProcess(
    `steps of #${row.id}`,
    { model: modelOf(row, options.scale), budget: { batchSize, cropLength }, steps: measuredSteps },
    options,
  );
  return {
    ...measured,
    seconds: measured.secondsPerStep * steps,
    timeRatio: secondsPerStep / measured.secondsPerStep,
    memoryRatio: measured.memoryMiB === null ? null : memoryMiB / measured.memoryMiB,
  };
}

async function inProcess(
  name: string,
  argument: StepsArgument,
  { threads, onProgress, onWarning, signal, execArgv }: PlanOptions,
): Promise<MeasuredSteps> {
  const job = { name, module: require.resolve('./measureWorker'), argument: () => argument };
  const results = await runJobs([job], {
    concurrency: 1,
    threads,
    ...(onProgress && {
      onProgress: (_, progress) => {
        onProgress({ ...progress, stage: name });
      },
    }),
    ...(onWarning && {
      onWarning: (_, message) => {
        onWarning(message);
      },
    }),
    ...(signal && { signal }),
    ...(execArgv && { execArgv }),
  });
  return results.get(name) as MeasuredSteps;
}
