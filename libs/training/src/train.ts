import { UserError } from '@fermata/core';
import type { Hyperparameter, ProgressListener, RandomKey } from '@fermata/core';
import { setImmediate } from 'node:timers/promises';

import { checkpointMinutes } from './config/checkpointMinutes';
import type { TrainingConfig } from './config/trainingConfig';
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
  /** Symbols `[batch, time]` of a step: a pure function of its number (from 0) and its key. */
  readonly batch: (step: number, key: RandomKey) => Int32Array | Promise<Int32Array>;
  readonly config: TrainingConfig;
  readonly run: Run;
  /**
   * Sets hyper-parameters before each step, counted from 0. It must be a pure function of the step and of their values,
   * which checkpoints keep, so that a resumed run reaches the same numbers.
   */
  readonly adjust?: (step: number, hyperparameters: ReadonlyMap<string, Hyperparameter>) => void;
  /** Measures the model after `step` steps, with its averaged weights. */
  readonly evaluate?: (
    step: number,
  ) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
  /** Called after each step; the detail is the NLL. */
  readonly onProgress?: ProgressListener;
  /** Called with the measurements of each step, by name: the loss, the model's metrics, the norm of the gradients. */
  readonly onStep?: (step: number, measured: Readonly<Record<string, number>>) => void;
  /** Called with each line of metrics as it is written. */
  readonly onMetrics?: (line: MetricsLine) => void;
  /** Called for a damaged checkpoint that is skipped, and for weights that are not trained. */
  readonly onWarning?: (message: string) => void;
  /**
   * Minutes after which a checkpoint is saved, besides those that the config asks for by step and one after the first
   * step, which shows at once that the disk has room. Infinity saves by step alone. If left out, that of
   * `checkpointMinutes`.
   */
  readonly checkpointMinutes?: number;
  /** Signal; when aborted, the current step ends and a checkpoint is saved. */
  readonly signal?: AbortSignal;
  /** Computing device, for the provenance; the processor if left out. */
  readonly device?: string;
}

/**
 * Trains a model, or continues an earlier call for the same run after any kind of stop, with the numbers of a run that
 * was never interrupted. It does not train a complete run again, except steps lost to a checkpoint damaged since.
 * Afterwards the model has its averaged weights.
 *
 * @throws UserError if a loss is not finite, the folder is not writable or disappears, the disk is full, or another
 *   process is training this run
 * @throws the signal's reason if it is aborted
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
    run.remove('result.json'); // no longer true while training
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
 * Loads the weights and the state of a run's newest whole checkpoint into a model.
 *
 * @param options.averaged true to load the Polyak average of the weights if the run keeps one; true if left out
 * @throws UserError if no checkpoint is whole, if the run is complete and its last checkpoint is not whole, or if the
 *   checkpoint belongs to another model
 */
export function loadModel(
  run: Run,
  model: Trainable,
  { averaged = true, onWarning = ignore }: { averaged?: boolean; onWarning?: (message: string) => void } = {},
): void {
  const checkpoint = loadNewestCheckpoint(run.checkpoints, onWarning);
  if (checkpoint === undefined) {
    throw new UserError(
      `${run.checkpoints}: no checkpoint is whole.`,
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

/** The part of a run in one process. */
class TrainingSession {
  private readonly log: RunLog;
  private readonly saveAfter: number;
  private savedStep = -1;
  private savedAt = performance.now();

  constructor(
    private readonly options: TrainOptions,
    private readonly trainer: Trainer,
  ) {
    const { run, onMetrics = ignore, onWarning = ignore, device } = options;
    this.saveAfter = 60_000 * (options.checkpointMinutes ?? checkpointMinutes());
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

  /** Makes all remaining steps. */
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
      this.requireFolder();
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
    const { batch, config, adjust = ignore, onStep = ignore, onWarning = ignore } = this.options;
    const { step } = trainer;
    adjust(step, trainer.hyperparameters);
    const { learningRate } = trainer;
    const started = performance.now();
    const symbols = await batch(step, trainer.batchKey(step));
    const measured = await trainer.makeStep(symbols, onWarning);
    const seconds = (performance.now() - started) / 1000;
    log.add(measured, { timesteps: symbols.length, seconds });
    onStep(trainer.step, measured);
    this.report();
    const last = trainer.step === config.steps;
    if (last || trainer.step % config.logEvery === 0) {
      log.writeTraining(trainer.step, this.timesteps, learningRate);
    }
    log.markStep();
    this.requireFolder();
    if (last || trainer.step % config.checkpointEvery === 0 || this.isSaveDue()) await this.save();
    await setImmediate(); // lets signals, messages and timers in
    await this.stopIfAsked();
  }

  // Checkpoints come before the evaluation of their step, with which a resumed run begins.
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

  private isSaveDue(): boolean {
    if (this.saveAfter === Infinity) return false;
    return this.savedStep < 0 || performance.now() - this.savedAt >= this.saveAfter;
  }

  // A write would make a deleted folder again, without the run's metrics.
  private requireFolder(): void {
    if (!this.log.isInPlace()) throw this.options.run.gone();
  }

  private async save(): Promise<void> {
    const { trainer, log } = this;
    if (this.savedStep === trainer.step) return;
    this.requireFolder();
    log.flush();
    saveCheckpoint(this.options.run.checkpoints, await trainer.capture(log.bookkeeping()));
    this.savedStep = trainer.step;
    this.savedAt = performance.now();
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
  // no listener
}
