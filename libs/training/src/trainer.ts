import { fingerprint, fold, randomKey, UserError } from '@fermata/core';
import type { Json, RandomKey } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

import type { TrainingConfig } from './config/trainingConfig';
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

/**
 * A model, its optimiser and its average, moved step by step: everything that a checkpoint has to hold. A step depends
 * on these and on its number alone, since its random keys are folded from the seed and the number.
 */
export class Trainer {
  /** Steps made. */
  step = 0;

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
  }

  /** The key of the batch of a step. */
  batchKey(step: number): RandomKey {
    return fold(fold(this.key, 'batch'), step);
  }

  /** The weights to evaluate and to generate with: averaged, where an average is kept. */
  averagedWeights(): ReadonlyMap<string, tf.Variable> {
    return this.average?.state() ?? this.model.weights();
  }

  /** Lets the model set what depends on data, before the first step. */
  initialise(symbols: Int32Array): void {
    tf.tidy(() => this.model.initialise?.(this.toTensor(symbols), fold(this.key, 'initialise')));
  }

  /**
   * Makes a step: gradients, clipping, Adam, the model's own update, the average.
   *
   * @param symbols `[batch, time]`
   * @param onWarning hears at the first step of weights that the loss does not depend on
   * @returns the batch's loss, its metrics and the norm of its gradients before clipping, by name
   * @throws UserError when one of these is not finite; nothing has been moved then
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
      const learningRate = learningRateAt(this.config, this.step);
      const { step, average } = this;
      this.adam.update(gradients, { step: step + 1, learningRate, gradientScale, average });
      this.model.update?.(statistics, fold(fold(this.key, 'update'), this.step));
      this.step++;
      return measured;
    } finally {
      tf.dispose([batch, scalars, statistics, ...gradients.values()]);
    }
  }

  /** Everything that a run needs to go on from here. @throws UserError when a tensor of it is not finite */
  async capture(bookkeeping: Bookkeeping): Promise<Checkpoint> {
    const tensors = new Map<string, StoredTensor>();
    for (const [name, variable] of this.variables()) {
      const stored = await store(variable, name);
      assertFiniteValues(stored.values, name, this.step);
      tensors.set(name, stored);
    }
    const metadata = { training: this.trainingHash(), bookkeeping: JSON.stringify(bookkeeping) };
    return { step: this.step, tensors, metadata };
  }

  /**
   * Goes back to a checkpoint.
   *
   * @throws RangeError when it was made under another training config, which the run's identity must tell apart
   * @throws UserError when it is not of this model
   */
  restore(checkpoint: Checkpoint, where: string): Bookkeeping {
    if (checkpoint.metadata.training !== this.trainingHash()) {
      throw new RangeError(`${where}: the run was begun with another training config`);
    }
    assignTensors(this.variables(), checkpoint.tensors, where);
    this.step = checkpoint.step;
    return JSON.parse(checkpoint.metadata.bookkeeping) as Bookkeeping;
  }

  /** Leaves the model with its averaged weights. */
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
    return fingerprint(this.config as unknown as Json);
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
 * Gives a model the weights and the state of a checkpoint.
 *
 * @param averaged whether the weights are to be the Polyak average, where the checkpoint has one
 * @throws UserError when it is not of this model
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

function assignTensors(
  variables: ReadonlyMap<string, tf.Variable>,
  tensors: ReadonlyMap<string, StoredTensor>,
  where: string,
): void {
  for (const [name, variable] of variables) {
    const stored = tensors.get(name);
    const fits = stored !== undefined && tf.util.arraysEqual([...stored.shape], variable.shape);
    if (!fits) {
      const found = stored === undefined ? 'is missing' : `has the shape [${stored.shape.join(', ')}]`;
      throw new UserError(
        `${where}: ${name} ${found}, the model's is [${variable.shape.join(', ')}].`,
        'The model has changed since: delete the run, or go back to the version that made it.',
      );
    }
    tf.tidy(() => {
      variable.assign(tf.tensor(stored.values, variable.shape, variable.dtype));
    });
  }
}

async function store(variable: tf.Variable, name: string): Promise<StoredTensor> {
  if (variable.dtype !== 'float32' && variable.dtype !== 'int32') {
    throw new RangeError(`${name}: a checkpoint cannot hold a tensor of type ${variable.dtype}`);
  }
  return { shape: variable.shape, values: await variable.data() };
}
