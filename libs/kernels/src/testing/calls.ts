import { randomKey } from '@fermata/core';

import type { Kernels } from '../kernels';
import { loadKernels } from '../load';

const kernels = (): Kernels => loadKernels()!;

// Cached: most tests need the same arrays again and again.
const made = new Map<string, Float32Array | Int32Array>();
function once<A extends Float32Array | Int32Array>(
  name: string,
  empty: A,
  value: (index: number) => number,
): A {
  const key = `${name} ${empty.length}`;
  if (!made.has(key)) {
    for (let i = 0; i < empty.length; i++) empty[i] = value(i);
    made.set(key, empty);
  }
  return made.get(key)!.slice() as A;
}

/** Numbers in [−1, 1) without a pattern; each name gives different numbers. */
export function floats(name: string, size: number): Float32Array {
  let state = randomKey(name).low;
  return once(name, new Float32Array(size), () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

const symbols = (size: number, count: number): Int32Array =>
  once(`symbols ${count}`, new Int32Array(size), (index) => (index * 7919) % count);

/** A call of each computing operation, by name: fresh arguments each time, including the results. */
export const calls: Record<string, () => unknown[]> = {
  stackForward: () => {
    const { shape, x, codes, weights } = stack();
    return [
      shape,
      x,
      codes,
      weights,
      new Float32Array(kernels().stackSavedSize(shape)),
      zeros(2 * 1500 * 20),
    ];
  },
  stackBackward: () => {
    const { shape, x, codes, weights } = stack();
    const saved = new Float32Array(kernels().stackSavedSize(shape));
    kernels().stackForward(shape, x, codes, weights, saved, zeros(2 * 1500 * 20));
    const gradients = weights.map((weight) => weight && zeros(weight.length));
    return [
      shape,
      x,
      codes,
      weights,
      saved,
      floats('dy', 2 * 1500 * 20),
      zeros(x.length),
      zeros(codes.length),
      gradients,
    ];
  },
  headForward: () => [headShape, floats('skips', 2500 * 20), headWeights(), symbols(2500, 30), zeros(2500)],
  headBackward: () => [
    headShape,
    floats('skips', 2500 * 20),
    headWeights(),
    symbols(2500, 30),
    floats('dy', 2500),
    zeros(2500 * 20),
    headWeights().map(({ length }) => zeros(length)),
  ],
  oneHot: () => [6000, 20, symbols(6000, 30), zeros(120000)],
  embed: () => [2, 3000, 20, 1, 30, symbols(6000, 30), floats('table', 600), zeros(120000)],
  embedBackward: () => [2, 3000, 20, 1, 30, symbols(6000, 30), floats('dy', 120000), zeros(600)],
  enterScalars: () => [
    2,
    3000,
    20,
    1,
    15,
    symbols(6000, 30),
    floats('kernel', 20),
    floats('bias', 20),
    zeros(120000),
  ],
  enterScalarsBackward: () => [
    2,
    3000,
    20,
    1,
    15,
    symbols(6000, 30),
    floats('dy', 120000),
    zeros(20),
    zeros(20),
  ],
  oneHotConvolution: () => [pastShape, symbols(1200, 30), floats('kernel', 7200), zeros(2 * 580 * 20)],
  oneHotConvolutionBackward: () => [pastShape, symbols(1200, 30), floats('dy', 2 * 580 * 20), zeros(7200)],
  convolve: () => [
    convolutionShape,
    floats('x', 60000),
    floats('kernel', 1440),
    floats('bias', 24),
    zeros(72000),
  ],
  convolveBackward: () => [
    convolutionShape,
    floats('x', 60000),
    floats('kernel', 1440),
    floats('dy', 72000),
    zeros(60000),
    zeros(1440),
    zeros(24),
  ],
  nearest: () => [2000, 30, 20, floats('queries', 40000), floats('codebook', 600), new Int32Array(2000)],
  assignmentSums: () => [2000, 30, 20, floats('queries', 40000), symbols(2000, 30), zeros(30), zeros(600)],
  normalise: () => [2000, 20, 1e-3, floats('x', 40000), zeros(40000)],
  normaliseBackward: () => [
    2000,
    20,
    1e-3,
    floats('x', 40000),
    floats('y', 40000),
    floats('dy', 40000),
    zeros(40000),
  ],
  adam: () => [
    adamScalars,
    40000,
    floats('g', 40000),
    floats('w', 40000),
    zeros(40000),
    zeros(40000),
    zeros(40000),
  ],
  sumOfSquares: () => [40000, floats('x', 40000)],
  multiply: () => [
    20,
    3000,
    30,
    true,
    false,
    floats('left', 60000),
    floats('right', 90000),
    null,
    zeros(600),
  ],
  sumRows: () => [3000, 20, floats('x', 60000), zeros(20)],
  transpose: () => [300, 200, floats('x', 60000), zeros(60000)],
  binary: () => [
    'add',
    300,
    200,
    floats('x', 60000),
    true,
    true,
    floats('row', 200),
    false,
    true,
    zeros(60000),
  ],
  unary: () => ['tanh', 60000, floats('x', 60000), zeros(60000)],
  reduce: () => ['sum', 1, 60000, 1, floats('x', 60000), zeros(1)],
  argumentOf: () => [true, 300, 200, floats('x', 60000), new Int32Array(300)],
  choose: () => [
    60000,
    new Uint8Array(60000).fill(1, 1234, 44444),
    floats('x', 60000),
    floats('y', 60000),
    zeros(60000),
  ],
  softmax: () => [300, 200, floats('x', 60000), zeros(60000)],
  repeatRows: () => [300, 4, 200, 0.5, floats('x', 60000), zeros(240000)],
};

const adamScalars = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  gradientScale: 0.5,
  stepSize: 0.01,
  deviationScale: 1.5,
  averageShare: 0.1,
};
const pastShape = { batch: 2, time: 600, from: 20, receptiveField: 12, symbols: 30, channels: 20 };
const convolutionShape = {
  batch: 2,
  time: 1500,
  inputs: 20,
  outputs: 24,
  width: 3,
  causal: false,
  dilation: 40,
};
const headShape = { rows: 2500, skip: 20, hidden: 24, symbols: 30 };
const headWeights = () => [480, 24, 720, 30].map((size, index) => floats(`head ${index}`, size));
const zeros = (size: number) => new Float32Array(size);

function stack() {
  const [batch, time, channels, gate, skip, width, conditioning, hop] = [2, 1500, 20, 24, 20, 2, 8, 4];
  const dilations = [1, 512, 4];
  const weights = dilations.flatMap((_, layer) =>
    [
      width * channels * 2 * gate,
      2 * gate,
      gate * channels,
      channels,
      gate * skip,
      skip,
      conditioning * 2 * gate,
    ].map((size, index) =>
      layer === dilations.length - 1 && (index === 2 || index === 3)
        ? null
        : floats(`${layer} ${index}`, size).map((value) => value / 5),
    ),
  );
  const shape = { batch, time, channels, gate, skip, width, causal: true, dilations, conditioning, hop };
  const x = floats('x', batch * time * channels);
  return { shape, x, codes: floats('codes', ((batch * time) / hop) * conditioning), weights };
}
