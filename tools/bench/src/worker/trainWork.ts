import { Adam, computeGradients } from '@fermata/training';
import * as tf from '@tensorflow/tfjs';

import type { Part, TrainTask } from '../protocol';
import { networkOf, randomSymbols, storedWeights } from './network';
import { timed, type Work } from './work';

/** Training steps, as libs/training makes them. */
export async function trainWork(task: TrainTask): Promise<Work> {
  const model = networkOf(task);
  const symbols = randomSymbols(task.batch * task.length);
  const tensors = await storedWeights(model);
  tensors.set('symbols', { shape: [task.batch, task.length], values: symbols });
  const batch = tf.tensor2d(symbols, [task.batch, task.length], 'int32');
  const adam = new Adam(model.weights(), { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
  let step = 0;

  const forward = async (): Promise<void> => {
    const loss = tf.tidy(() => model.loss(batch).loss);
    await loss.data();
    loss.dispose();
  };
  // Includes reading the loss and the gradients' norm, as a trainer does before it moves the weights.
  const gradients = async (of: tf.Tensor2D, move: boolean): Promise<number> => {
    const computed = computeGradients(model, of);
    const [loss] = await computed.scalars.data();
    if (move)
      adam.update(computed.gradients, { step: ++step, learningRate: task.learningRate, gradientScale: 1 });
    tf.dispose([computed.scalars, computed.statistics, ...computed.gradients.values()]);
    return loss;
  };

  const crop = tf.tidy(() => tf.slice2d(batch, [0, 0], [task.batch, task.checkLength]));
  const check: number[] = [];
  for (let done = 0; done < task.checkSteps; done++) check.push(await gradients(crop, true));
  crop.dispose();
  const first = model.weights().values().next().value!;
  const parts: Partial<Record<Part, () => Promise<unknown>>> = {
    forward,
    gradients: () => gradients(batch, false),
    step: async () => {
      await gradients(batch, true);
      await first.data(); // waits until the weights have moved, even if the backend defers work
    },
  };
  return { check, tensors, run: (part) => timed(parts[part]!) };
}
