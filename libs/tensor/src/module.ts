import type { Hyperparameter } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';

/**
 * A part of a model: it owns variables and other modules. Every variable has a path such as
 * `encoder/layers/3/kernel`, which names it in checkpoints.
 *
 * - `weights()` are what the optimiser moves;
 * - `state()` is what the model moves itself, such as a codebook learnt by moving averages;
 * - `hyperparameters()` are numbers that a trainer may move between steps.
 */
export abstract class Module {
  private readonly ownWeights = new Map<string, tf.Variable>();
  private readonly ownState = new Map<string, tf.Variable>();
  private readonly ownHyperparameters = new Map<string, Hyperparameter>();
  private readonly children = new Map<string, Module>();

  /** The variables moved by the optimiser, by path, children's first in the order in which they were made. */
  weights(): ReadonlyMap<string, tf.Variable> {
    return this.collect((module) => module.ownWeights);
  }

  /** The variables that the model moves itself, by path. */
  state(): ReadonlyMap<string, tf.Variable> {
    return this.collect((module) => module.ownState);
  }

  /** The numbers that a trainer may move, by path, such as `quantiser/alpha`. */
  hyperparameters(): ReadonlyMap<string, Hyperparameter> {
    return this.collect((module) => module.ownHyperparameters);
  }

  /** The number of scalars in the weights. */
  get parameterCount(): number {
    let count = 0;
    for (const weight of this.weights().values()) count += weight.size;
    return count;
  }

  /** Frees every variable; the module cannot be used afterwards. */
  dispose(): void {
    for (const variable of this.weights().values()) variable.dispose();
    for (const variable of this.state().values()) variable.dispose();
  }

  /** Makes a weight out of its initial value, which is disposed. */
  protected weight<R extends tf.Rank>(name: string, initial: tf.Tensor<R>): tf.Variable<R> {
    return this.own(this.ownWeights, name, initial, true);
  }

  /** Makes a variable of the state out of its initial value, which is disposed. */
  protected stateVariable<R extends tf.Rank>(name: string, initial: tf.Tensor<R>): tf.Variable<R> {
    return this.own(this.ownState, name, initial, false);
  }

  /** Takes a hyper-parameter in under a name. */
  protected hyperparameter(name: string, initial: Hyperparameter): Hyperparameter {
    this.assertFree(name);
    this.ownHyperparameters.set(name, initial);
    return initial;
  }

  /** Takes another module in under a name. */
  protected child<M extends Module>(name: string, module: M): M {
    this.assertFree(name);
    this.children.set(name, module);
    return module;
  }

  private own<R extends tf.Rank>(
    variables: Map<string, tf.Variable>,
    name: string,
    initial: tf.Tensor<R>,
    trainable: boolean,
  ): tf.Variable<R> {
    this.assertFree(name);
    const variable = tf.variable(initial, trainable);
    initial.dispose();
    variables.set(name, variable);
    return variable;
  }

  private assertFree(name: string): void {
    const taken = [this.ownWeights, this.ownState, this.ownHyperparameters, this.children];
    if (taken.some((members) => members.has(name))) {
      throw new RangeError(`the name ${name} is taken in this module`);
    }
  }

  private collect<T>(membersOf: (module: Module) => Map<string, T>): Map<string, T> {
    const all = new Map<string, T>();
    for (const [name, module] of this.children) {
      for (const [path, member] of module.collect(membersOf)) all.set(`${name}/${path}`, member);
    }
    for (const [name, member] of membersOf(this)) all.set(name, member);
    return all;
  }
}
