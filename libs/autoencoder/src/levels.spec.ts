import { fold, randomKey, type Progress } from '@fermata/core';
import {
  codesSource,
  decodeLevels,
  DrawnSource,
  type DrawSettings,
  encodeLevels,
  generate,
  joinChunks,
  reconstructLevels,
  wholeSource,
} from '@fermata/models';
import { selectBackend } from '@fermata/tensor';
import { expectNoLeak } from '@fermata/testing';
import { sample, WaveNet } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import { DiscreteAutoencoder } from './discreteAutoencoder';
import { encodeChunks, encodeSequence } from './encodeSequence';
import { reconstruct, reconstructSequence } from './reconstruct';
import { config, noise } from './testing/sizes';

const key = randomKey('levels');

let lower: DiscreteAutoencoder;
let upper: DiscreteAutoencoder;
let prior: WaveNet;

beforeAll(async () => {
  await selectBackend('cpu');
  lower = new DiscreteAutoencoder(config(16, 4, 10), fold(key, 1));
  upper = new DiscreteAutoencoder(config(10, 2, 6), fold(key, 2));
  const { decoder } = config(6, 1, 2);
  prior = new WaveNet({ ...decoder, symbols: 6 }, fold(key, 3));
  // The codebook lies among the queries, so that many codes are in use.
  lower.initialise(tf.tensor2d(noise(160, 16), [1, 160], 'int32'), key);
  upper.initialise(tf.tensor2d(noise(160, 10), [1, 160], 'int32'), key);
});

describe('encodeSequence', () => {
  const sequence = noise(403, 16);

  it.each([1, 4, 23, 64, 400, 32768])(
    'gives the same codes in windows of %i as in the whole at once',
    async (windowLength) => {
      const whole = lower.encode(tf.tensor2d(sequence.slice(0, 400), [1, 400], 'int32')).dataSync();
      expect(new Set(whole).size).toBeGreaterThan(3);
      const codes = await encodeSequence(lower, sequence, { windowLength });
      expect(Array.from(codes)).toEqual(Array.from(whole));
    },
  );

  it('accepts bytes as well as integers', async () => {
    const codes = await encodeSequence(lower, Uint8Array.from(sequence));
    expect(codes).toEqual(await encodeSequence(lower, sequence));
  });

  it('drops a tail shorter than the hop, even if it is the whole sequence', async () => {
    expect(await encodeSequence(lower, sequence.subarray(0, 7))).toHaveLength(1);
    expect(await encodeSequence(lower, sequence.subarray(0, 3))).toHaveLength(0);
  });

  it('reports progress, leaks nothing and stops on abort', async () => {
    const progress: Progress[] = [];
    await expectNoLeak(() =>
      encodeSequence(lower, sequence, { windowLength: 160, onProgress: (p) => progress.push(p) }),
    );
    expect(progress.map(({ done, total }) => [done, total])).toEqual([
      [160, 400],
      [320, 400],
      [400, 400],
    ]);
    const controller = new AbortController();
    const stopped = encodeSequence(lower, sequence, {
      windowLength: 160,
      signal: controller.signal,
      onProgress: () => {
        controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
  });
});

describe('a sequence that comes in pieces', () => {
  const sequence = noise(4003, 16);

  /** The sequence in pieces of 100, with the number of symbols taken so far. */
  function inPieces(): { source: DrawnSource; taken: () => number } {
    let taken = 0;
    async function* pieces(): AsyncGenerator<Int32Array[]> {
      while (taken < sequence.length) {
        const piece = sequence.subarray(taken, taken + 100);
        taken += piece.length;
        yield await Promise.resolve([piece]);
      }
    }
    return { source: new DrawnSource([new Int32Array(0)], pieces()), taken: () => taken };
  }

  it('is encoded to the codes of the whole, and only a window of it stays in memory', async () => {
    const { source, taken } = inPieces();
    const codes: number[] = [];
    let kept = 0;
    for await (const [chunk] of encodeChunks(lower, source, { windowLength: 200 })) {
      codes.push(...chunk);
      kept = Math.max(kept, source.kept);
      // A window, the margin that the encoder sees ahead, and the rest of a piece.
      expect(taken()).toBeLessThanOrEqual(4 * codes.length + 200);
    }
    expect(kept).toBeLessThan(500);
    expect(codes).toEqual([...(await encodeSequence(lower, sequence))]);
  });

  it('is encoded level by level', async () => {
    const levels = [lower.asLevel(), upper.asLevel()];
    const { source } = inPieces();
    const [, expected] = await encodeLevels(levels, sequence);
    const [codes] = await codesSource(levels, source, 1, { windowLength: 80 }).read(0, 10_000);
    expect(Int32Array.from(codes)).toEqual(expected);
  });

  it('is reconstructed as the whole, through one level or two, and read no further than needed', async () => {
    const length = 1600;
    const start = sequence.subarray(0, length);
    const one = { levels: [lower.asLevel()], length, key, chunk: 160 };
    const [single] = await joinChunks(reconstructLevels({ ...one, symbols: inPieces().source }), 1);
    expect(single).toEqual(await reconstructSequence({ model: lower, sequence: start, key }));

    const two = { ...one, levels: [lower.asLevel(), upper.asLevel()] };
    const below = await encodeSequence(lower, start);
    const again = await reconstructSequence({ model: upper, sequence: below, key: fold(key, 2) });
    const expected = await decodeLevels({ levels: [lower.asLevel()], codes: again, key });
    const cut = wholeSource([start]);
    const [symbols] = await joinChunks(reconstructLevels({ ...two, symbols: cut }), 1);
    expect(symbols).toEqual(expected.symbols);

    const { source, taken } = inPieces();
    const drawn = reconstructLevels({ ...one, symbols: source, length: 4000 });
    let done = 0;
    for await (const [chunk] of drawn) {
      done += chunk.length;
      expect(taken()).toBeLessThan(done + 200);
      expect(source.kept).toBeLessThan(400);
    }
    expect(done).toBe(4000);
  });
});

describe('levels', () => {
  it('encode level by level', async () => {
    const levels = [lower.asLevel(), upper.asLevel()];
    const sequence = noise(83, 16);
    const [below, above] = await encodeLevels(levels, sequence);
    expect(below).toEqual(await encodeSequence(lower, sequence));
    expect(above).toEqual(await encodeSequence(upper, below));
    expect([below.length, above.length]).toEqual([20, 10]);
  });

  it('decode level by level', async () => {
    const levels = [lower.asLevel(), upper.asLevel()];
    const top = noise(5, 6);
    const { symbols, codes } = await decodeLevels({ levels, codes: top, key });
    expect(codes.map(({ length }) => length)).toEqual([10, 5]);
    expect(codes[1]).toEqual(top);
    expect(codes[0]).toEqual(await reconstruct({ model: upper, codes: top, key: fold(key, 2) }));
    expect(symbols).toEqual(await reconstruct({ model: lower, codes: codes[0], key: fold(key, 1) }));
    await expect(decodeLevels({ levels, codes: top, timesteps: 41, key })).rejects.toThrow(
      '6 codes are needed, but there are 5',
    );
  });

  it.each([0, 1, 2])('generate through %i levels', async (count) => {
    const levels = [lower.asLevel(), upper.asLevel()].slice(0, count);
    const alphabet = count === 0 ? 16 : levels[count - 1].codebookSize!;
    const model = new WaveNet({ ...prior.config, symbols: alphabet }, key);
    const progress: string[] = [];
    const options = { prior: model.asPrior(), levels, timesteps: 37, key };
    const drawn = await expectNoLeak(() =>
      generate({ ...options, onProgress: ({ stage }) => progress.push(stage) }),
    );
    expect(drawn.symbols).toHaveLength(37);
    expect(drawn.codes.map(({ length }) => length)).toEqual([10, 5].slice(0, count));
    expect([...new Set(progress)]).toEqual(['generate']);
    expect(await generate(options)).toEqual(drawn);
    expect(await generate({ ...options, key: randomKey('other') })).not.toEqual(drawn);
    if (count === 0) {
      const [symbols] = await sample(model, { keys: [fold(key, 'prior')], steps: 37 });
      expect(drawn.symbols).toEqual(symbols);
    }
  });

  it('draw by the settings, including the prior', async () => {
    const levels = [lower.asLevel(), upper.asLevel()];
    const options = { prior: prior.asPrior(), levels, timesteps: 200, key };
    const best = await generate({ ...options, temperature: 0 });
    expect(await generate(options)).not.toEqual(best);
    expect(await generate({ ...options, topK: 1 })).toEqual(best);
    expect(await generate({ ...options, topP: 1e-9 })).toEqual(best);
    expect(await generate({ ...options, weights: 'fp32' })).toEqual(await generate(options));
    expect(await generate({ ...options, weights: 'int8' })).not.toEqual(await generate(options));
  });

  it('prefer their own settings to those for all', async () => {
    const top = noise(20, 6);
    const draw = (own: DrawSettings, all: DrawSettings) =>
      decodeLevels({
        levels: [lower.asLevel(), upper.asLevel(own)],
        codes: top,
        key,
        ...all,
      });
    const { symbols, codes } = await draw({ temperature: 0 }, { temperature: 0.5 });
    const expected = await reconstruct({ model: upper, codes: top, key, temperature: 0 });
    expect(codes[0]).toEqual(expected);
    expect(symbols).toEqual(
      await reconstruct({ model: lower, codes: expected, key: fold(key, 1), temperature: 0.5 }),
    );
    const model = prior.asPrior({ topK: 1 });
    const drawn = await model.draw(50, { keys: [key], topK: 6 }).next();
    expect(drawn.value).toEqual(await sample(prior, { keys: [key], steps: 50, temperature: 0 }));
  });

  it.each<[object, string]>([
    [{ temperature: -1 }, 'temperature is -1'],
    [{ topK: 0 }, 'topK is 0'],
    [{ topP: 2 }, 'topP is 2'],
    [{ weights: 'int4' }, 'weights is int4, but must be one of fp32, bf16, int8'],
  ])('refuse %p', async (wrong, message) => {
    const levels = [lower.asLevel(), upper.asLevel()];
    for (const drawn of [
      reconstruct({ model: lower, codes: noise(4, 10), key, ...wrong }),
      decodeLevels({ levels, codes: noise(4, 6), key, ...wrong }),
      generate({ prior: prior.asPrior(), levels, timesteps: 8, key, ...wrong }),
      lower
        .asLevel(wrong)
        .decode(wholeSource([noise(4, 10)]), 16, { keys: [key] })
        .next(),
      prior
        .asPrior(wrong)
        .draw(4, { keys: [key] })
        .next(),
    ]) {
      const error: unknown = await drawn.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RangeError);
      expect((error as RangeError).message).toContain(message);
    }
  });

  it('must fit together', async () => {
    const levels = [upper.asLevel(), lower.asLevel()];
    const options = { prior: prior.asPrior(), timesteps: 8, key };
    await expect(generate({ ...options, levels })).rejects.toThrow(
      'level 1 has 6 codes, but level 2 models 16',
    );
    await expect(generate({ ...options, levels: [lower.asLevel()] })).rejects.toThrow(
      'level 1 has 10 codes, but the prior models 6',
    );
    await expect(encodeLevels(levels, noise(8, 10))).rejects.toThrow('level 2 models 16');
  });
});
