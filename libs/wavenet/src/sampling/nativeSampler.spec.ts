import { fold, normals, randomKey, RandomStream, split } from '@fermata/core';
import { loadKernels, weightFormats } from '@fermata/kernels';
import { selectBackend } from '@fermata/tensor';
import { randomiseWeights } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { WaveNet } from '../waveNet';
import type { WaveNetConfig } from '../settings';
import { NativeSampler } from './nativeSampler';
import { PlainSampler } from './plainSampler';
import type { SamplerSettings, SymbolSampler } from './symbolSampler';

const kernels = loadKernels();
const describeNative = kernels === undefined ? describe.skip : describe;
const fastest = kernels?.instructionSet();
const threads = kernels?.threads();

interface Case {
  readonly model: WaveNet;
  readonly streams: number;
  readonly steps: number;
  readonly hop: number;
  /** `[streams, steps]` */
  readonly symbols: Int32Array;
  /** `[streams, steps / hop, conditioning]` */
  readonly conditioning?: Float32Array;
}

/** Shapes that are not multiples of a vector, and some that are. */
function randomCase(number: number): Case {
  const stream = new RandomStream(fold(randomKey('case'), number));
  const between = (least: number, most: number): number => least + stream.integer(most - least + 1);
  const size = (): number => (stream.integer(4) === 0 ? 16 * between(1, 4) : between(1, 70));
  const config: WaveNetConfig = {
    symbols: between(2, 70),
    input: stream.pick(['one-hot', 'continuous']),
    dilations: Array.from({ length: between(1, 5) }, () => stream.pick([1, 2, 3, 5, 8, 16, 40])),
    width: stream.pick([2, 3]),
    channels: size(),
    gate: size(),
    skip: size(),
    head: size(),
    ...(number % 2 === 0 && { conditioning: between(1, 20) }),
  };
  const model = new WaveNet(config, randomKey('model'));
  randomiseWeights(model, fold(randomKey('weights'), number));
  const streams = between(1, 9);
  const hop = between(1, 5);
  const steps = hop * between(10, 20);
  return {
    model,
    streams,
    steps,
    hop,
    symbols: Int32Array.from({ length: streams * steps }, () => stream.integer(config.symbols)),
    ...(config.conditioning !== undefined && {
      conditioning: normals(randomKey('codes'), ((streams * steps) / hop) * config.conditioning),
    }),
  };
}

const cases = Array.from({ length: 8 }, (_, number) => number);

function settings(streams: number, hop: number, change: Partial<SamplerSettings> = {}): SamplerSettings {
  const keys = split(randomKey('streams'), streams);
  return { keys, hop, weights: 'fp32', temperature: 1, topK: 1000, topP: 1, ...change };
}

/** Takes given steps, in turns of the given lengths, and returns the logits `[streams, steps, symbols]`. */
function forcedLogits(
  sampler: SymbolSampler,
  { model, streams, steps, hop, ...rest }: Case,
  turn = steps,
): Float32Array {
  const { symbols: count } = model.config;
  const logits = new Float32Array(streams * steps * count);
  const previous = new Int32Array(streams).fill(-1);
  for (let position = 0; position < steps; position += turn) {
    const length = Math.min(turn, steps - position);
    const symbols = new Int32Array(streams * length);
    for (let stream = 0; stream < streams; stream++) {
      const start = stream * steps + position;
      symbols.set(rest.symbols.subarray(start, start + length), stream * length);
    }
    const part = new Float32Array(streams * length * count);
    sampler.take({
      position,
      steps: length,
      given: length,
      symbols,
      previous,
      conditioning: rest.conditioning && { first: 0, count: steps / hop, values: rest.conditioning },
      logits: part,
    });
    for (let stream = 0; stream < streams; stream++) {
      const own = part.subarray(stream * length * count, (stream + 1) * length * count);
      logits.set(own, (stream * steps + position) * count);
    }
  }
  sampler.release();
  return logits;
}

/** Root mean square of the difference, as a share of that of the expected values: random weights give large logits. */
function difference(found: Float32Array, expected: ArrayLike<number>): number {
  let [error, square] = [0, 0];
  found.forEach((value, i) => {
    error += (value - expected[i]) ** 2;
    square += expected[i] ** 2;
  });
  return Math.sqrt(error / square);
}

/** One stream of a case. */
function alone(all: Case, stream: number): Case {
  const codes = (all.conditioning?.length ?? 0) / all.streams;
  return {
    ...all,
    streams: 1,
    symbols: all.symbols.subarray(stream * all.steps, (stream + 1) * all.steps),
    ...(all.conditioning && { conditioning: all.conditioning.slice(stream * codes, (stream + 1) * codes) }),
  };
}

describeNative('NativeSampler', () => {
  const native = kernels!;

  beforeAll(() => selectBackend('cpu'));
  afterEach(() => {
    native.setInstructionSet(fastest!);
    native.setThreads(threads!);
  });

  /** Calls a function with each instruction set in use. */
  async function onEach(check: () => Promise<void>): Promise<void> {
    for (const instructionSet of native.instructionSets()) {
      native.setInstructionSet(instructionSet);
      await check();
    }
  }

  it.each(cases)('gives the logits of the parallel computation: case %i', async (number) => {
    const all = randomCase(number);
    const { model, streams, steps, hop, symbols, conditioning } = all;
    const parallel = model.logits(
      tf.tensor2d(symbols, [streams, steps], 'int32'),
      conditioning && tf.tensor3d(conditioning, [streams, steps / hop, model.config.conditioning!]),
    );
    const expected = parallel.dataSync();
    await onEach(async () => {
      const logits = forcedLogits(await NativeSampler.create(native, model, settings(streams, hop)), all);
      expect(difference(logits, expected)).toBeLessThan(1e-5);
    });
  });

  it.each(cases)('rounds like the plain sampler: case %i', async (number) => {
    const all = randomCase(number);
    for (const weights of weightFormats) {
      const chosen = settings(all.streams, all.hop, { weights });
      const expected = forcedLogits(await PlainSampler.create(all.model, chosen), all);
      await onEach(async () => {
        const found = forcedLogits(await NativeSampler.create(native, all.model, chosen), all);
        // Halfway between two integers the smallest difference decides.
        expect(difference(found, expected)).toBeLessThan(weights === 'int8' ? 0.01 : 1e-5);
      });
    }
  });

  it.each<Partial<SamplerSettings>>([
    {},
    { temperature: 0 },
    { temperature: 0.7, topK: 5 },
    { topP: 0.6 },
    { topK: 9, topP: 0.8 },
  ])('draws the same symbols as the plain sampler: %j', async (change) => {
    const { model } = randomCase(1);
    const chosen = settings(3, 1, change);
    const drawn = (sampler: SymbolSampler): Int32Array => {
      const symbols = new Int32Array(3 * 300);
      // A position beyond 32 bits.
      const steps = { position: 2 ** 40, steps: 300, given: 0 };
      sampler.take({ ...steps, symbols, previous: new Int32Array(3).fill(-1) });
      return symbols;
    };
    const expected = drawn(await PlainSampler.create(model, chosen));
    expect(new Set(expected).size).toBeGreaterThan(1);
    await onEach(async () => {
      expect(drawn(await NativeSampler.create(native, model, chosen))).toEqual(expected);
    });
  });

  it.each(weightFormats)('gives a stream the same bits beside any others, in %s', async (weights) => {
    for (const number of cases) {
      const all = randomCase(number);
      const together = forcedLogits(
        await NativeSampler.create(native, all.model, settings(all.streams, all.hop, { weights })),
        all,
      );
      const one = alone(all, all.streams - 1);
      const own = forcedLogits(
        await NativeSampler.create(native, all.model, settings(1, all.hop, { weights })),
        one,
      );
      expect(together.subarray(together.length - own.length)).toEqual(own);
    }
  });

  it.each(weightFormats)(
    'gives the same bits in turns of any length on any number of threads, in %s',
    async (weights) => {
      const all = randomCase(3);
      const results: Float32Array[] = [];
      for (const [count, turn] of [
        [1, all.steps],
        [2, 7],
        [3, 1],
      ]) {
        // prettier-ignore
        native.setThreads(count);
        const sampler = await NativeSampler.create(
          native,
          all.model,
          settings(all.streams, all.hop, { weights }),
        );
        results.push(forcedLogits(sampler, all, turn));
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    },
  );

  it('keeps the weights of its creation', async () => {
    const all = randomCase(3);
    const early = await NativeSampler.create(native, all.model, settings(all.streams, all.hop));
    const late = await NativeSampler.create(native, all.model, settings(all.streams, all.hop));
    const before = forcedLogits(early, all);
    randomiseWeights(all.model, randomKey('others'));
    expect(forcedLogits(late, all)).toEqual(before);
  });
});
