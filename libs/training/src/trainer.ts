import { fingerprint, fold, Hyperparameter, randomKey } from '@fermata/core';
import type { RandomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

import { trainingSettings, type TrainingConfig } from './config/trainingConfig';
import { assertFiniteStep, assertFiniteValues } from './finite';
import { computeGradients } from './gradients';
import { Adam } from './optimiser/adam';
import { clippingScale } from './optimiser/clip';
import { PolyakAverage } from './optimiser/polyak';
import { learningRateAt } from './optimiser/schedule';
import type { Checkpoint } from './runs/checkpoint';
import type { Bookkeeping } from './runs/runLog';
import type { StoredTensor } from './runs/safetensors';
import type { Trainable } from './trainable';
import { assignTensors, storeTensor } from './variables';

/**
 * A model with its optimiser and its average, trained step by step: everything in a checkpoint. A step depends only on
 * these and on its number, because its random keys are folded from the seed and the number.
 */
export class Trainer {
  /** Steps made. */
  step = 0;

  /**
   * Numbers that may change between steps: `learningRate`, which the schedule multiplies, and the model's own, by path.
   * Their initial values are those of the config and the model's config.
   */
  readonly hyperparameters: ReadonlyMap<string, Hyperparameter>;

  private readonly adam: Adam;
  private readonly average: PolyakAverage | undefined;
  private readonly key: RandomKey;

  constructor(
    private readonly model: Trainable,
    private readonly config: TrainingConfig,
  ) {
    this.adam = new Adam(model.weights(), config.adam);
    this.average =
      config.polyakDecay === 0 ? undefined : new PolyakAverage(model.weights(), config.polyakDecay);
    this.key = randomKey(config.seed);
    const learningRate = new Hyperparameter(
      trainingSettings.shape.learningRate.def.innerType,
      config.learningRate,
    );
    this.hyperparameters = new Map([
      ['learningRate', learningRate],
      ...(model.hyperparameters?.() ?? new Map<string, Hyperparameter>()),
    ]);
  }

  /** The key of the batch of a step. */
  batchKey(step: number): RandomKey {
    return fold(fold(this.key, 'batch'), step);
  }

  /** Weights for evaluation and generation: averaged, if an average is kept. */
  averagedWeights(): ReadonlyMap<string, tf.Variable> {
    return this.average?.state() ?? this.model.weights();
  }

  /** Learning rate of the next step, by the schedule. */
  get learningRate(): number {
    const { value } = this.hyperparameters.get('learningRate')!;
    return learningRateAt({ ...this.config, learningRate: value }, this.step);
  }

  /** Lets the model set state that depends on data, before the first step. */
  initialise(symbols: Int32Array): void {
    tf.tidy(() => this.model.initialise?.(this.toTensor(symbols), fold(this.key, 'initialise')));
  }

  /**
   * Makes a step: gradients, clipping, Adam, the model's own update, the average.
   *
   * @param symbols `[batch, time]`
   * @param onWarning called at the first step for weights that the loss does not depend on
   * @returns the batch's loss, its metrics and the norm of its gradients before clipping, by name
   * @throws UserError if one of these is not finite; nothing has changed then
   */
  async makeStep(
    symbols: Int32Array,
    onWarning: (message: string) => void,
  ): Promise<Readonly<Record<string, number>>> {
    const batch = this.toTensor(symbols);
    const { gradients, statistics, names, scalars } = computeGradients(this.model, batch);
    try {
      if (this.step === 0) this.warnOfIdleWeights(gradients, onWarning);
      const values = await scalars.data();
      const measured = Object.fromEntries(names.map((name, index) => [name, values[index]]));
      assertFiniteStep(measured, { variables: this.variables(), gradients }, this.step + 1);
      const gradientScale = clippingScale(measured.gradientNorm, this.config.clipNorm);
      const { step, average, learningRate } = this;
      this.adam.update(gradients, { step: step + 1, learningRate, gradientScale, average });
      this.model.update?.(statistics, fold(fold(this.key, 'update'), this.step));
      this.step++;
      return measured;
    } finally {
      tf.dispose([batch, scalars, statistics, ...gradients.values()]);
    }
  }

  /** Captures everything that a run needs to continue from here. @throws UserError if a tensor is not finite */
  async capture(bookkeeping: Bookkeeping): Promise<Checkpoint> {
    const tensors = new Map<string, StoredTensor>();
    for (const [name, variable] of this.variables()) {
      const stored = await storeTensor(variable, name);
      assertFiniteValues(stored.values, name, this.step);
      tensors.set(name, stored);
    }
    const values = [...this.hyperparameters].map(([name, { value }]) => [name, value] as const);
    const metadata = {
      training: this.trainingHash(),
      bookkeeping: JSON.stringify(bookkeeping),
      hyperparameters: JSON.stringify(Object.fromEntries(values)),
    };
    return { step: this.step, tensors, metadata };
  }

  /**
   * Restores a checkpoint.
   *
   * @throws RangeError if it comes from another training config, which the run's identity must distinguish
   * @throws UserError if it belongs to another model
   */
  restore(checkpoint: Checkpoint, where: string): Bookkeeping {
    if (checkpoint.metadata.training !== this.trainingHash()) {
      throw new RangeError(`${where}: the run began with another training config`);
    }
    assignTensors(this.variables(), checkpoint.tensors, where);
    restoreHyperparameters(this.hyperparameters, checkpoint);
    this.step = checkpoint.step;
    return JSON.parse(checkpoint.metadata.bookkeeping) as Bookkeeping;
  }

  /** Gives the model its averaged weights. */
  adoptAverage(): void {
    if (this.average === undefined) return;
    for (const [path, average] of this.average.state()) this.model.weights().get(path)?.assign(average);
  }

  /** Frees the optimiser and the average; the model stays. */
  dispose(): void {
    this.adam.dispose();
    this.average?.dispose();
  }

  private variables(): Map<string, tf.Variable> {
    const groups = {
      weights: this.model.weights(),
      state: this.model.state(),
      adam: this.adam.state(),
      polyak: this.average?.state() ?? new Map<string, tf.Variable>(),
    };
    const variables = new Map<string, tf.Variable>();
    for (const [group, members] of Object.entries(groups)) {
      for (const [path, variable] of members) variables.set(`${group}/${path}`, variable);
    }
    return variables;
  }

  private toTensor(symbols: Int32Array): tf.Tensor2D {
    const { batchSize, cropLength } = this.config;
    if (symbols.length !== batchSize * cropLength) {
      throw new RangeError(`a batch of ${batchSize} × ${cropLength} symbols cannot have ${symbols.length}`);
    }
    return tf.tensor2d(symbols, [batchSize, cropLength], 'int32');
  }

  private trainingHash(): string {
    return fingerprint(this.config);
  }

  private warnOfIdleWeights(
    gradients: ReadonlyMap<string, tf.Tensor>,
    onWarning: (message: string) => void,
  ): void {
    const idle = [...this.model.weights().keys()].filter((path) => !gradients.has(path));
    if (idle.length > 0) onWarning(`The loss does not depend on ${idle.join(', ')}: not trained.`);
  }
}

/**
 * Loads the weights and the state of a checkpoint into a model.
 *
 * @param averaged true to load the Polyak average of the weights, if the checkpoint has one
 * @throws UserError if it belongs to another model
 */
export function loadWeights(
  model: Trainable,
  checkpoint: Checkpoint,
  averaged: boolean,
  where: string,
): void {
  const group =
    averaged && [...checkpoint.tensors.keys()].some((name) => name.startsWith('polyak/'))
      ? 'polyak'
      : 'weights';
  const variables = new Map<string, tf.Variable>();
  for (const [path, weight] of model.weights()) variables.set(`${group}/${path}`, weight);
  for (const [path, variable] of model.state()) variables.set(`state/${path}`, variable);
  assignTensors(variables, checkpoint.tensors, where);
}

/** Sets hyper-parameters to the values of a checkpoint. */
function restoreHyperparameters(
  hyperparameters: ReadonlyMap<string, Hyperparameter>,
  { metadata }: Checkpoint,
): void {
  const stored = JSON.parse(metadata.hyperparameters) as Readonly<Record<string, number>>;
  for (const [name, hyperparameter] of hyperparameters) hyperparameter.set(stored[name], name);
}
