import { expectClose, goldenTensor, loadGoldens, type Golden, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from '../backend';
import { dilatedConvolution, type Padding } from './convolution';
import { crossEntropy } from './crossEntropy';
import { embeddingLookup } from './symbolInput';
import { gatedResidualLayer, type GatedResidualWeights } from './gatedResidualLayer';

const tolerance = 2e-5;

/**
 * Compares a function with PyTorch: its outputs by name, and the gradients of their inner products with the golden's
 * `d_…`, for each input that has one.
 */
function expectGolden(
  golden: Golden,
  inputNames: readonly string[],
  fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
): void {
  tf.tidy(() => {
    const named = (inputs: tf.Tensor[]): Record<string, tf.Tensor> =>
      Object.fromEntries(inputNames.map((name, index) => [name, inputs[index]]));
    const inputs = inputNames.map((name) => goldenTensor(golden[name]));
    for (const [name, value] of Object.entries(fn(named(inputs))))
      expectClose(value, goldenTensor(golden[name]), tolerance);
    const gradients = tf.grads((...args: tf.Tensor[]) =>
      Object.entries(fn(named(args)))
        .map(([name, value]) => tf.sum(tf.mul(value, goldenTensor(golden[`d_${name}`]))))
        .reduce((sum, term) => tf.add(sum, term)),
    )(inputs);
    inputNames.forEach((name, index) => {
      expectClose(gradients[index], goldenTensor(golden[`${name}_gradient`]), tolerance);
    });
  });
}

describe.each(testBackends)('on %s, PyTorch agrees about', (backend) => {
  beforeAll(() => selectBackend(backend));

  it.each(Object.entries(loadGoldens('tensor/convolution')))('a dilated convolution: %s', (name, golden) => {
    const padding = name.split(',')[0] as Padding;
    const dilation = Number(/dilation (\d+)/.exec(name)?.[1] ?? 1);
    expectGolden(golden, ['x', 'kernel', 'bias'], ({ x, kernel, bias }) => ({
      y: dilatedConvolution(x as tf.Tensor3D, kernel as tf.Tensor3D, bias as tf.Tensor1D, {
        dilation,
        padding,
      }),
    }));
  });

  const dilations = [2, 2, 4, 1];
  it.each(
    Object.entries(loadGoldens('tensor/gatedResidualLayer')).map(
      (entry, index) => [...entry, dilations[index]] as const,
    ),
  )('a gated residual layer: %s', (name, golden, dilation) => {
    const padding = name.split(',')[0] as Padding;
    const inputNames = Object.keys(golden).filter((key) => `${key}_gradient` in golden);
    expectGolden(golden, inputNames, ({ x, conditioning, ...weights }) =>
      gatedResidualLayer(
        x as tf.Tensor3D,
        weights as unknown as GatedResidualWeights,
        { dilation, padding },
        conditioning as tf.Tensor3D | undefined,
      ),
    );
  });

  it.each(Object.entries(loadGoldens('tensor/crossEntropy')))('a cross-entropy: %s', (_, golden) => {
    expectGolden(golden, ['logits'], ({ logits }) => ({
      nll: crossEntropy(logits as tf.Tensor3D, goldenTensor(golden.targets) as tf.Tensor2D),
    }));
  });

  it.each(Object.entries(loadGoldens('tensor/embedding')))('an embedding: %s', (_, golden) => {
    expectGolden(golden, ['table'], ({ table }) => ({
      rows: embeddingLookup(goldenTensor(golden.symbols) as tf.Tensor2D, table as tf.Tensor2D),
    }));
  });
});
