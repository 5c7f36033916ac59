import { fold, randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectClose } from '@fermata/testing';
import type { ConditioningSource } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import { DiscreteAutoencoder } from './discreteAutoencoder';
import { encodeSequence } from './encodeSequence';
import { conditioningSource, reconstruct, reconstructSequence, sequenceConditioning } from './reconstruct';
import { config, noise } from './testing/sizes';

const key = randomKey('levels');

let lower: DiscreteAutoencoder;
let continuous: DiscreteAutoencoder;
let early: DiscreteAutoencoder;

beforeAll(async () => {
  await selectBackend('cpu');
  const sizes = config(16, 4, 10);
  lower = new DiscreteAutoencoder(sizes, fold(key, 1));
  // A codebook among the queries: many codes are in use.
  lower.initialise(tf.tensor2d(noise(160, 16), [1, 160], 'int32'), key);
  const unquantised = { ...sizes, quantiser: { kind: 'continuous', depth: 4 } } as const;
  continuous = new DiscreteAutoencoder(unquantised, fold(key, 4));
  early = new DiscreteAutoencoder(
    { ...unquantised, encoder: { ...sizes.encoder, downsampling: 'input' } },
    fold(key, 5),
  );
});

/** Holds windows, at both ends and between, to `[1, 50, channels]`. */
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
    const expected = tf.slice(whole, [0, first, 0], [1, count, -1]).dataSync();
    expectClose(await source.read(first, count), expected, tolerance);
  }
}

describe('conditioningSource', () => {
  it('reads by windows what the modulator gives at once', async () => {
    const codes = noise(50, 10);
    const whole = lower.conditioning(tf.tensor2d(codes, [1, 50], 'int32'));
    const source = conditioningSource(lower, codes);
    await expectWindows(source, whole, 0);
  });
});

describe('sequenceConditioning', () => {
  it.each([
    ['output', () => continuous],
    ['input', () => early],
  ])('reads by windows what all gives at once, its rate lowered at the %s of the encoder', async (_, of) => {
    const sequence = noise(203, 16);
    const whole = of().encodedConditioning(tf.tensor2d(sequence.subarray(0, 200), [1, 200], 'int32'));
    const source = sequenceConditioning(of(), sequence);
    await expectWindows(source, whole, 1e-6);
  });
});

describe('reconstructSequence', () => {
  const sequence = noise(203, 16);

  it('goes through the codes', async () => {
    const codes = await encodeSequence(lower, sequence);
    expect(await reconstructSequence({ model: lower, sequence, key })).toEqual(
      await reconstruct({ model: lower, codes, key }),
    );
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

  it('draws the same from the same key, another from another, and depends on the codes', async () => {
    const draw = async (seed: string, given: Int32Array): Promise<number[]> =>
      Array.from(await reconstruct({ model: lower, codes: given, key: randomKey(seed) }));
    const first = await draw('a', codes);
    expect(await draw('a', codes)).toEqual(first);
    expect(await draw('b', codes)).not.toEqual(first);
    expect(await draw('a', codes.map((code) => 9 - code))).not.toEqual(first); // prettier-ignore
  });

  it('refuses codes that are none', async () => {
    await expect(reconstruct({ model: lower, codes: Int32Array.of(3, 10), key })).rejects.toThrow(
      'codes[1] is 10, but must be in 0 … 9',
    );
  });
});
