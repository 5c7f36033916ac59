import type { ProgressListener } from '@fermata/core';
import { runJobs } from '@fermata/training';

import { reachOf } from '../model';
import type { Row } from '../row';
import type { Scale } from '../scales';
import type { MeasuredSteps, StepsArgument } from './measureSteps';
import { planRow, type RowPlan } from './planRow';

export interface PlanOptions {
  readonly scale: Scale;
  readonly rows: readonly Row[];
  /** GFLOP/s that some machine keeps up; where absent, this one is measured for a second or so. */
  readonly rate?: number | undefined;
  /** Whether to make a few training steps of every row. */
  readonly measure: boolean;
  /** Threads that steps are measured with; else all processors. */
  readonly threads?: number | undefined;
  readonly onProgress?: ProgressListener;
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Options of Node for the processes in which steps are measured; those of this process when left out. */
  readonly execArgv?: readonly string[];
}

/** What a row takes, predicted and, where it was asked for, measured. */
export interface ScaledRow extends RowPlan {
  /** Predicted: FLOPs by the rate. Of training alone, without the measurements that follow it. */
  readonly secondsPerStep: number;
  readonly seconds: number;
  readonly measured?: MeasuredRow;
}

export interface MeasuredRow extends MeasuredSteps {
  /** Of as many steps as are planned. */
  readonly seconds: number;
  /** Predicted by measured. */
  readonly timeRatio: number;
  readonly memoryRatio: number | null;
}

/** What `fermata plan --json` prints. */
export interface ScalePlan {
  readonly scale: string;
  /** What predicted times rest on. */
  readonly gflopsPerSecond: number;
  /** The steps that the rate was measured with; null where it was given. */
  readonly rateOf: { readonly row: string; readonly batchSize: number; readonly cropLength: number } | null;
  readonly rows: readonly ScaledRow[];
}

const measuredSteps = 3;
// A rate is measured with steps of so many FLOPs at most, and of so many together at least: a second or so.
const rateFlops = 1e11;
const fewestRateSteps = 5;

/**
 * Predicts what training each row at a scale takes, and measures a few steps of each where that is asked for, one process
 * after the other.
 *
 * @throws UserError for a backend that cannot be had, and when memory runs out
 * @throws the signal's reason when it is aborted
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
  const model = row.model(options.scale);
  // Batches as planned where that is quick: smaller ones keep threads less busy.
  const { hop } = reachOf(model);
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
    { model: row.model(options.scale), budget: { batchSize, cropLength }, steps: measuredSteps },
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
