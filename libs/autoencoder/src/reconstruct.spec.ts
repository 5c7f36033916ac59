import { fold, randomKey } from '@fermata/core';
import { concatChunks, joinChunks, wholeSource } from '@fermata/models';
import { selectBackend } from '@fermata/tensor';
import { expectClose } from '@fermata/testing';
import { type ConditioningSource } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import { DiscreteAutoencoder } from './discreteAutoencoder';
import { encodeSequence } from './encodeSequence';
import { conditioningSource, sequenceConditioning } from './conditioning';
import {
  reconstruct,
  reconstructChunks,
  reconstructSequence,
  reconstructSequenceChunks,
} from './reconstruct';
import { config, noise } from './testing/sizes';

const key = randomKey('levels');

let lower: DiscreteAutoencoder;
let continuous: DiscreteAutoencoder;
let early: DiscreteAutoencoder;

beforeAll(async () => {
  await selectBackend('cpu');
  const sizes = config(16, 4, 10);
  lower = new DiscreteAutoencoder(sizes, fold(key, 1));
  // The codebook lies among the queries, so that many codes are in use.
  lower.initialise(tf.tensor2d(noise(160, 16), [1, 160], 'int32'), key);
  const unquantised = { ...sizes, quantiser: { kind: 'continuous', depth: 4 } } as const;
  continuous = new DiscreteAutoencoder(unquantised, fold(key, 4));
  early = new DiscreteAutoencoder(
    { ...unquantised, encoder: { ...sizes.encoder, downsampling: 'input' } },
    fold(key, 5),
  );
});

/** Compares windows, at both ends and between, with `[streams, 50, channels]`. */
async function expectWindows(
  source: ConditioningSource,
  whole: tf.Tensor3D,
  tolerance: number,
): Promise<void> {
  for (const [first, count] of [
    [0, 50],
    [0, 7],
    [20, 1],
    [25, 12],
    [43, 7],
  ]) {
    const expected = tf.slice(whole, [0, first, 0], [-1, count, -1]).dataSync();
    expectClose(await source.read(first, count), expected, tolerance);
  }
}

describe('conditioningSource', () => {
  it('gives the same in windows as the modulator at once', async () => {
    const codes = noise(100, 10);
    const whole = lower.conditioning(tf.tensor2d(codes, [2, 50], 'int32'));
    const source = conditioningSource(lower, wholeSource([codes.subarray(0, 50), codes.subarray(50)]));
    await expectWindows(source, whole, 0);
  });

  it('reads only the codes that the modulator sees', async () => {
    const reads: [number, number][] = [];
    const source = conditioningSource(lower, {
      read: (first, count) => {
        reads.push([first, count]);
        return [new Int32Array(count)];
      },
    });
    for (const [first, count] of [[0, 4], [4, 6], [10, 1]]) await source.read(first, count); // prettier-ignore
    // Dilations 1 and 2: three codes on either side.
    expect(reads).toEqual([[0, 7], [1, 12], [7, 7]]); // prettier-ignore
  });
});

describe('sequenceConditioning', () => {
  it.each([
    ['output', () => continuous],
    ['input', () => early],
  ])(
    'gives the same in windows as at once, with the rate lowered at the %s of the encoder',
    async (_, of) => {
      const sequences = [noise(406, 16).subarray(0, 203), noise(406, 16).subarray(203)];
      const symbols = sequences.flatMap((sequence) => [...sequence.subarray(0, 200)]);
      const whole = of().encodedConditioning(tf.tensor2d(symbols, [2, 200], 'int32'));
      const source = sequenceConditioning(of(), wholeSource(sequences));
      await expectWindows(source, whole, 1e-6);
    },
  );
});

describe('reconstructSequence', () => {
  const sequence = noise(203, 16);

  it('goes through the codes', async () => {
    const codes = await encodeSequence(lower, sequence);
    expect(await reconstructSequence({ model: lower, sequence, key })).toEqual(
      await reconstruct({ model: lower, codes, key }),
    );
  });

  it('continues a prefix as if it had drawn it', async () => {
    const whole = await reconstructSequence({ model: continuous, sequence, key });
    const prefix = whole.subarray(0, 57);
    const rest = await reconstructSequence({ model: continuous, sequence, key, prefix });
    expect(rest).toEqual(whole.slice(57));
  });

  it('draws several at once, each as if alone', async () => {
    const sequences = [sequence, sequence.map((symbol) => 15 - symbol)];
    const keys = [key, fold(key, 1)];
    const drawn = await joinChunks(
      reconstructSequenceChunks({ model: continuous, symbols: wholeSource(sequences), length: 203, keys }),
      2,
    );
    for (const [i, symbols] of drawn.entries()) {
      const alone = { model: continuous, sequence: sequences[i], key: keys[i] };
      expect(symbols).toEqual(await reconstructSequence(alone));
    }
    const others = reconstructSequenceChunks({
      model: continuous,
      symbols: wholeSource(sequences),
      length: 203,
      keys: [key],
    });
    await expect(others.next()).rejects.toThrow(/conditioning has \d+ values, not 1 · /);
  });

  it('goes through the queries of a continuous bottleneck', async () => {
    const symbols = await reconstructSequence({ model: continuous, sequence, key, temperature: 0 });
    const whole = continuous.encodedConditioning(tf.tensor2d(sequence.subarray(0, 200), [1, 200], 'int32'));
    const logits = continuous.localModel.logits(tf.tensor2d(symbols, [1, 200], 'int32'), whole);
    expect(symbols).toEqual(tf.argMax(logits, 2).flatten().dataSync());
  });
});

describe('reconstruct', () => {
  const codes = noise(20, 10);

  it('draws the most probable symbols of the teacher-forced model at temperature 0', async () => {
    const symbols = await reconstruct({ model: lower, codes, key, temperature: 0 });
    expect(symbols).toHaveLength(80);
    const logits = lower.logits(tf.tensor2d(symbols, [1, 80], 'int32'), {
      codes: tf.tensor2d(codes, [1, 20], 'int32'),
    });
    expect(Array.from(symbols)).toEqual(Array.from(tf.argMax(logits, 2).dataSync()));
  });

  it('draws the same for the same key, something else for another, and depends on the codes', async () => {
    const draw = async (seed: string, given: Int32Array): Promise<number[]> =>
      Array.from(await reconstruct({ model: lower, codes: given, key: randomKey(seed) }));
    const first = await draw('a', codes);
    expect(await draw('a', codes)).toEqual(first);
    expect(await draw('b', codes)).not.toEqual(first);
    expect(await draw('a', codes.map((code) => 9 - code))).not.toEqual(first); // prettier-ignore
  });

  it.each([1, 6, 57, 80])('continues a prefix of %i symbols as if it had drawn it', async (length) => {
    const whole = await reconstruct({ model: lower, codes, key });
    const rest = await reconstruct({ model: lower, codes, key, prefix: whole.subarray(0, length) });
    expect(rest).toEqual(whole.slice(length));
  });

  it('draws several at once, each as if alone, in chunks', async () => {
    const streams = [codes, codes.map((code) => 9 - code)];
    const keys = [key, fold(key, 1)];
    const options = { model: lower, codes: wholeSource(streams), length: 80, keys, chunk: 33 };
    const chunks: Int32Array[][] = [];
    for await (const chunk of reconstructChunks(options)) chunks.push(chunk);
    expect(chunks.map(([part]) => part.length)).toEqual([33, 33, 14]);
    for (const [i, symbols] of concatChunks(chunks, 2).entries()) {
      expect(symbols).toEqual(await reconstruct({ model: lower, codes: streams[i], key: keys[i] }));
    }
  });

  it('refuses invalid codes', async () => {
    await expect(reconstruct({ model: lower, codes: Int32Array.of(3, 10), key })).rejects.toThrow(
      'codes[1] is 10, but must be in 0 … 9',
    );
  });
});
