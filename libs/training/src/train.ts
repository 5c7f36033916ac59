import { UserError } from '@fermata/core';
import type { ProgressListener, RandomKey } from '@fermata/core';
import { setImmediate } from 'node:timers/promises';

import type { TrainingConfig } from './config/trainingConfig';
import { learningRateAt } from './optimiser/schedule';
import { withWeights } from './optimiser/polyak';
import { loadNewestCheckpoint, removeCheckpointsAfter, saveCheckpoint } from './runs/checkpoint';
import type { MetricsLine } from './runs/metricsLog';
import { describeSession } from './runs/provenance';
import { RunLog } from './runs/runLog';
import { runSchemaVersion } from './runs/runStore';
import type { Run, TrainingResult } from './runs/runStore';
import { loadWeights, Trainer } from './trainer';
import type { Trainable } from './trainable';

export interface TrainOptions {
  readonly model: Trainable;
  /** The symbols `[batch, time]` of a step: a pure function of its number (from 0) and its key. */
  readonly batch: (step: number, key: RandomKey) => Int32Array | Promise<Int32Array>;
  readonly config: TrainingConfig;
  readonly run: Run;
  /** Measures the model, which has its averaged weights meanwhile, after `step` steps. */
  readonly evaluate?: (
    step: number,
  ) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
  /** Hears after each step; the detail is the NLL. */
  readonly onProgress?: ProgressListener;
  /** Hears of what each step measured, by name: the loss, the model's metrics, the norm of the gradients. */
  readonly onStep?: (step: number, measured: Readonly<Record<string, number>>) => void;
  /** Hears of each line of metrics as it is written. */
  readonly onMetrics?: (line: MetricsLine) => void;
  /** Hears of a damaged checkpoint that was passed over, of weights that are not trained. */
  readonly onWarning?: (message: string) => void;
  /** When it is aborted, a checkpoint is saved after the step being made. */
  readonly signal?: AbortSignal;
  /** What computes, for the provenance; the processor when left out. */
  readonly device?: string;
}

/**
 * Trains a model, or goes on where an earlier call for the same run stopped, however that was: the numbers are those of
 * a run that was never interrupted. A run that is complete is not trained again, but for what a checkpoint damaged since
 * has lost. Afterwards the model has its averaged weights.
 *
 * @throws UserError when a loss is not finite, the folder cannot be written, the disk is full, or another process is
 *   training this run
 * @throws the signal's reason when it is aborted
 */
export async function train(options: TrainOptions): Promise<TrainingResult> {
  const { model, run, config, signal, onWarning = ignore } = options;
  if (config.seed !== run.identity.seed) {
    throw new RangeError(`the run is of seed ${run.identity.seed}, the config of ${config.seed}`);
  }
  const known = run.result();
  if (known !== undefined) {
    const last = loadNewestCheckpoint(run.checkpoints, ignore);
    if (last?.step === known.steps) {
      loadWeights(model, last, true, run.folder);
      return known;
    }
    onWarning(`${lastIsLost(run, known)} What is lost is trained again.`);
  }
  signal?.throwIfAborted();
  const release = run.open();
  try {
    run.remove('result.json'); // until it is true again
    const trainer = new Trainer(model, config);
    try {
      return await new TrainingSession(options, trainer).finish();
    } finally {
      trainer.dispose();
    }
  } finally {
    release();
  }
}

/**
 * Gives a model the weights and the state of a run's newest checkpoint that is whole.
 *
 * @param options.averaged whether the weights are to be the Polyak average, where one is kept; true when left out
 * @throws UserError when there is no whole checkpoint, the run is complete and that of its last step is not whole, or it
 *   is not of this model
 */
export function loadModel(
  run: Run,
  model: Trainable,
  { averaged = true, onWarning = ignore }: { averaged?: boolean; onWarning?: (message: string) => void } = {},
): void {
  const checkpoint = loadNewestCheckpoint(run.checkpoints, onWarning);
  if (checkpoint === undefined) {
    throw new UserError(
      `${run.checkpoints}: no whole checkpoint.`,
      `Delete ${run.folder} and train the run again.`,
    );
  }
  const result = run.result();
  if (result !== undefined && checkpoint.step !== result.steps) {
    throw new UserError(
      lastIsLost(run, result),
      `Delete ${run.file('*.json')} and train the run again: it goes on from step ${checkpoint.step}.`,
    );
  }
  loadWeights(model, checkpoint, averaged, run.folder);
}

function lastIsLost(run: Run, { steps }: TrainingResult): string {
  return `${run.checkpoints}: the checkpoint of step ${steps}, the last, is damaged or missing.`;
}

/** The part of a run that one process does. */
class TrainingSession {
  private readonly log: RunLog;
  private savedStep = -1;

  constructor(
    private readonly options: TrainOptions,
    private readonly trainer: Trainer,
  ) {
    const { run, onMetrics = ignore, onWarning = ignore, device } = options;
    const checkpoint = loadNewestCheckpoint(run.checkpoints, onWarning);
    const bookkeeping = checkpoint && trainer.restore(checkpoint, run.folder);
    if (checkpoint !== undefined) this.savedStep = checkpoint.step;
    removeCheckpointsAfter(run.checkpoints, trainer.step);
    const session = describeSession(trainer.step, device);
    const before = run.provenance();
    run.writeJson('provenance.json', {
      run: run.id,
      schemaVersion: runSchemaVersion,
      seed: run.identity.seed,
      data: run.identity.data,
      started: before?.started ?? session.started,
      sessions: [...(before?.sessions ?? []), session],
    });
    this.log = new RunLog({ run, step: trainer.step, bookkeeping, onMetrics, onWarning });
  }

  /** Makes all steps that are left. */
  async finish(): Promise<TrainingResult> {
    const { trainer, log } = this;
    const { config, run } = this.options;
    try {
      if (trainer.step === 0) trainer.initialise(await this.options.batch(0, trainer.batchKey(0)));
      this.report();
      let evaluation = await this.evaluateIfDue();
      while (trainer.step < config.steps) {
        await this.stopIfAsked();
        await this.makeStep();
        evaluation = await this.evaluateIfDue();
      }
      trainer.adoptAverage();
      const result: TrainingResult = {
        steps: config.steps,
        timesteps: this.timesteps,
        training:
          run
            .metrics()
            .filter(({ kind }) => kind === 'train')
            .at(-1)?.metrics ?? {},
        evaluation,
        wallSeconds: log.wallSeconds,
      };
      run.writeJson('provenance.json', { ...run.provenance(), finished: new Date().toISOString() });
      run.writeJson('result.json', result);
      return result;
    } finally {
      log.close();
    }
  }

  private async makeStep(): Promise<void> {
    const { trainer, log } = this;
    const { batch, config, onStep = ignore, onWarning = ignore } = this.options;
    const { step } = trainer;
    const started = performance.now();
    const symbols = await batch(step, trainer.batchKey(step));
    const measured = await trainer.makeStep(symbols, onWarning);
    const seconds = (performance.now() - started) / 1000;
    log.add(measured, { timesteps: symbols.length, seconds });
    onStep(trainer.step, measured);
    this.report();
    const last = trainer.step === config.steps;
    if (last || trainer.step % config.logEvery === 0) {
      log.writeTraining(trainer.step, this.timesteps, learningRateAt(config, step));
    }
    log.markStep();
    if (last || trainer.step % config.checkpointEvery === 0) await this.save();
    await setImmediate(); // lets signals, messages and timers in
    await this.stopIfAsked();
  }

  // A checkpoint is of the moment before the evaluation of its step, which a resumed run begins with.
  private async evaluateIfDue(): Promise<Readonly<Record<string, number>>> {
    const { trainer, log } = this;
    const { model, config, evaluate, signal } = this.options;
    const { step } = trainer;
    const due =
      step === config.steps || (config.evaluateEvery > 0 && step > 0 && step % config.evaluateEvery === 0);
    if (!due || evaluate === undefined) return {};
    try {
      const values = await withWeights(model, trainer.averagedWeights(), () => evaluate(step));
      const culprit = Object.keys(values).find((name) => !Number.isFinite(values[name]));
      if (culprit !== undefined) {
        throw new UserError(
          `At step ${step} the evaluation's ${culprit} is ${values[culprit]}.`,
          'Lower learningRate.',
        );
      }
      log.writeEvaluation(step, this.timesteps, values);
      return values;
    } catch (error) {
      if (signal?.aborted) await this.save();
      throw error;
    }
  }

  private async stopIfAsked(): Promise<void> {
    const { signal } = this.options;
    if (!signal?.aborted) return;
    await this.save();
    signal.throwIfAborted();
  }

  private async save(): Promise<void> {
    const { trainer, log } = this;
    if (this.savedStep === trainer.step) return;
    log.flush();
    saveCheckpoint(this.options.run.checkpoints, await trainer.capture(log.bookkeeping()));
    this.savedStep = trainer.step;
  }

  private report(): void {
    const { onProgress, config } = this.options;
    const detail = this.log.detail();
    onProgress?.({
      stage: 'train',
      done: this.trainer.step,
      total: config.steps,
      ...(detail !== undefined && { detail }),
    });
  }

  private get timesteps(): number {
    const { batchSize, cropLength } = this.options.config;
    return this.trainer.step * batchSize * cropLength;
  }
}

function ignore(): void {
  // nobody listens
}
