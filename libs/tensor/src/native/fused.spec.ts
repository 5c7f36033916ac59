import { randomKey } from '@fermata/core';
import { loadKernels } from '@fermata/kernels';
import { expectClose } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { selectBackend } from '../backend';
import { dense, dilatedConvolution, type Padding } from '../ops/convolution';
import { gatedStack, type GatedStackWeights } from '../ops/gatedStack';
import { headNll, type HeadWeights } from '../ops/headNll';
import { oneHotConvolution } from '../ops/oneHotConvolution';
import { assignmentSums, divisiveNormalisation, nearestCentroid } from '../ops/quantise';
import { meanPool, repeat } from '../ops/resample';
import { embeddingLookup, scalarInput } from '../ops/symbolInput';
import { Choices, evaluate, expectAgreement, type Make, type Operation } from '../testing/fuzz';

const kernels = loadKernels();
const describeNative = kernels === undefined ? describe.skip : describe;

/** Stack of any size, including sizes that are no round multiples, with crops shorter than its dilations. */
function randomStack(choices: Choices) {
  const padding = choices.one<Padding>(['causal', 'centred']);
  const width = padding === 'centred' ? 3 : choices.one([2, 3]);
  const hop = choices.one([1, 2, 4]);
  const [batch, steps] = [choices.integer(1, 3), choices.integer(1, choices.one([3, 90]))];
  const [channels, gate, skip] = [choices.integer(1, 40), choices.integer(1, 40), choices.integer(1, 40)];
  const dilations = Array.from({ length: choices.integer(1, 4) }, () => choices.one([1, 2, 5, 64, 700]));
  const conditioning = choices.one([undefined, choices.integer(1, 20)]);
  const x = choices.tensor<tf.Rank.R3>('x', [batch, steps * hop, channels]);
  const codes = conditioning === undefined ? [] : [choices.tensor('codes', [batch, steps, conditioning])];
  const weights = dilations.flatMap((_, layer) => {
    const weight = (name: string, ...shape: number[]) => choices.tensor(`${layer} ${name}`, shape, 0.3);
    const last = layer === dilations.length - 1;
    return [
      weight('kernel', width, channels, 2 * gate),
      weight('bias', 2 * gate),
      weight('skip', gate, skip),
      weight('skip bias', skip),
      ...(last ? [] : [weight('residual', gate, channels), weight('residual bias', channels)]),
      ...(conditioning === undefined ? [] : [weight('conditioning', conditioning, 2 * gate)]),
    ];
  });
  const operation: Operation = ([input, ...rest]) => {
    const given = [...rest];
    const condition = conditioning === undefined ? undefined : (given.shift() as tf.Tensor3D);
    const layers = dilations.map((_, layer) => {
      const last = layer === dilations.length - 1;
      const [kernel, bias, skipKernel, skipBias] = given.splice(0, 4);
      const [residualKernel, residualBias] = last ? [] : given.splice(0, 2);
      const conditioningKernel = conditioning === undefined ? undefined : given.shift();
      const all = { kernel, bias, skipKernel, skipBias, residualKernel, residualBias, conditioningKernel };
      return all as unknown as GatedStackWeights;
    });
    return gatedStack(input as tf.Tensor3D, layers, { dilations, padding }, condition);
  };
  return { inputs: [x, ...codes, ...weights], operation };
}

function randomHead(choices: Choices) {
  const [batch, time] = [choices.integer(1, 3), choices.integer(1, 120)];
  const [skip, hidden, symbols] = [choices.integer(1, 40), choices.integer(1, 40), choices.integer(2, 70)];
  const targets = choices.symbols([batch, time], symbols);
  const inputs = [
    choices.tensor('skips', [batch, time, skip], 2),
    choices.tensor('hidden kernel', [skip, hidden]),
    choices.tensor('hidden bias', [hidden]),
    choices.tensor('logits kernel', [hidden, symbols]),
    choices.tensor('logits bias', [symbols]),
  ];
  const operation: Operation = ([skips, hiddenKernel, hiddenBias, logitsKernel, logitsBias]) =>
    headNll(
      skips as tf.Tensor3D,
      { hiddenKernel, hiddenBias, logitsKernel, logitsBias } as HeadWeights,
      targets,
    );
  return { inputs, operation };
}

const operations: Record<string, Make> = {
  gatedStack: randomStack,
  headNll: randomHead,
  dense(choices) {
    const [batch, time] = [choices.integer(1, 3), choices.integer(1, 200)];
    const [from, to] = [choices.integer(1, 70), choices.integer(1, 70)];
    return {
      inputs: [
        choices.tensor('x', [batch, time, from]),
        choices.tensor('kernel', [from, to]),
        choices.tensor('bias', [to]),
      ],
      operation: ([x, kernel, bias]) => dense(x as tf.Tensor3D, kernel as tf.Tensor2D, bias as tf.Tensor1D),
    };
  },
  dilatedConvolution(choices) {
    const padding = choices.one<Padding>(['causal', 'centred']);
    const width = padding === 'centred' ? choices.one([1, 3, 5]) : choices.integer(1, 3);
    const dilation = choices.one([1, 2, 7, 64, 300]);
    const [batch, time] = [choices.integer(1, 3), choices.integer(1, 200)];
    const [from, to] = [choices.integer(1, 70), choices.integer(1, 70)];
    return {
      inputs: [
        choices.tensor('x', [batch, time, from]),
        choices.tensor('kernel', [width, from, to]),
        choices.tensor('bias', [to]),
      ],
      operation: ([x, kernel, bias]) =>
        dilatedConvolution(x as tf.Tensor3D, kernel as tf.Tensor3D, bias as tf.Tensor1D, {
          dilation,
          padding,
        }),
    };
  },
  embeddingLookup(choices) {
    const [symbols, channels] = [choices.integer(2, 50), choices.integer(1, 40)];
    const indices = choices.symbols([choices.integer(1, 3), choices.integer(1, 700)], symbols);
    const delay = choices.one([0, 1, 3]);
    return {
      inputs: [choices.tensor('table', [symbols, channels])],
      operation: ([table]) => embeddingLookup(indices, table as tf.Tensor2D, delay),
    };
  },
  scalarInput(choices) {
    const channels = choices.integer(1, 40);
    const indices = choices.symbols([choices.integer(1, 3), choices.integer(1, 700)], 256);
    const delay = choices.one([0, 1, 3]);
    return {
      inputs: [choices.tensor('kernel', [1, channels]), choices.tensor('bias', [channels])],
      operation: ([kernel, bias]) =>
        scalarInput(indices, 128, kernel as tf.Tensor2D, bias as tf.Tensor1D, delay),
    };
  },
  meanPool(choices) {
    const hop = choices.integer(1, 9);
    const x = choices.tensor('x', [
      choices.integer(1, 3),
      hop * choices.integer(1, 40),
      choices.integer(1, 40),
    ]);
    return { inputs: [x], operation: ([input]) => meanPool(input as tf.Tensor3D, hop) };
  },
  repeat(choices) {
    const hop = choices.integer(1, 9);
    const x = choices.tensor('x', [choices.integer(1, 3), choices.integer(1, 40), choices.integer(1, 40)]);
    return { inputs: [x], operation: ([input]) => repeat(input as tf.Tensor3D, hop) };
  },
  oneHotConvolution(choices) {
    const [symbols, channels] = [choices.integer(2, 50), choices.integer(1, 40)];
    const time = choices.integer(2, 200);
    const indices = choices.symbols([choices.integer(1, 3), time], symbols);
    const from = choices.integer(0, time - 1);
    return {
      inputs: [choices.tensor('kernel', [choices.integer(1, 30), symbols, channels])],
      operation: ([kernel]) => oneHotConvolution(indices, kernel as tf.Tensor3D, from),
    };
  },
  divisiveNormalisation(choices) {
    const x = choices.tensor('x', [choices.integer(1, 3), choices.integer(1, 90), choices.integer(1, 70)]);
    return { inputs: [x], operation: ([input]) => divisiveNormalisation(input as tf.Tensor3D, 1e-3) };
  },
};

describeNative('fused operations agree with the composed ones', () => {
  const { instructionSets = [] } = { instructionSets: kernels?.instructionSets() };
  const [best] = instructionSets;
  afterEach(() => {
    kernels!.setInstructionSet(best);
  });

  it.each(Object.entries(operations))('%s, with gradients, on every instruction set', async (name, make) => {
    const trials = name === 'gatedStack' ? 24 : 8;
    for (let trial = 0; trial < trials; trial++) await expectAgreement(make, `${name} ${trial}`);
  });

  it('quantisers’ choices and sums', async () => {
    for (let trial = 0; trial < 8; trial++) {
      const compute = () =>
        tf.tidy(() => {
          const choices = new Choices(randomKey(`quantisers ${trial}`));
          const [positions, codes, depth] = [
            choices.integer(1, 300),
            choices.integer(2, 70),
            choices.integer(1, 40),
          ];
          const queries = choices.tensor<tf.Rank.R2>('queries', [positions, depth]);
          const nearest = nearestCentroid(queries, choices.tensor('codebook', [codes, depth]));
          const { counts, sums } = assignmentSums(queries, nearest, codes);
          return [nearest, counts, sums].map((tensor) => tensor.dataSync());
        });
      await selectBackend('cpu');
      const composed = compute();
      await selectBackend('native');
      for (const instructionSet of instructionSets) {
        kernels!.setInstructionSet(instructionSet);
        compute().forEach((values, index) => {
          expectClose(values, composed[index], index === 2 ? 1e-5 : 0);
        });
      }
    }
  });

  it('about NaN and infinity: where they are and that they spread', async () => {
    const kind = (values: ArrayLike<number>) =>
      Array.from(values, (value) =>
        Number.isNaN(value) ? 'NaN' : Math.abs(value) === Infinity ? 'infinite' : 0,
      );
    for (const bad of [NaN, Infinity, -Infinity]) {
      const stackOf = (choices: Choices) => {
        const { inputs, operation } = randomStack(choices);
        const values = inputs[0].dataSync().slice();
        values[Math.floor(values.length / 2)] = bad;
        return { inputs: [tf.tensor(values, inputs[0].shape), ...inputs.slice(1)], operation };
      };
      const headOf = (choices: Choices) => {
        const { inputs, operation } = randomHead(choices);
        const values = inputs[0].dataSync().slice();
        values[Math.floor(values.length / 2)] = bad;
        return { inputs: [tf.tensor(values, inputs[0].shape), ...inputs.slice(1)], operation };
      };
      for (const [name, make] of Object.entries({ stackOf, headOf })) {
        await selectBackend('cpu');
        const composed = evaluate(make, `${name} ${bad}`);
        await selectBackend('native');
        for (const instructionSet of instructionSets) {
          kernels!.setInstructionSet(instructionSet);
          const fused = evaluate(make, `${name} ${bad}`);
          expect(kind(fused.value)).toEqual(kind(composed.value));
        }
      }
    }
  });
});
