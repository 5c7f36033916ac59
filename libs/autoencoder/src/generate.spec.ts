import { fold, randomKey, split, type Progress } from '@fermata/core';
import {
  concatChunks,
  generate,
  generateChunks,
  type GenerateOptions,
  givenCodes,
  joinChunks,
  type Kept,
} from '@fermata/models';
import { selectBackend } from '@fermata/tensor';
import { expectNoLeak } from '@fermata/testing';
import { sample, type ConditioningSource } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import type { DiscreteAutoencoder } from './discreteAutoencoder';
import { noise } from './testing/sizes';
import { stackOf } from './testing/stack';

const key = randomKey('generation');
const keys = split(key, 3);

beforeAll(() => selectBackend('cpu'));

function partsOf({ models, prior }: ReturnType<typeof stackOf>): Pick<GenerateOptions, 'prior' | 'levels'> {
  return { prior: prior.asPrior(), levels: models.map((model) => model.asLevel()) };
}

/** Returns the drawn symbols, and the codes of each level reported by `onCodes`: `[levels][streams]`. */
async function drawAll(options: GenerateOptions): Promise<{ symbols: Int32Array[]; codes: Int32Array[][] }> {
  const heard = options.levels.map((): (readonly Int32Array[])[] => []);
  const onCodes = (level: number, chunk: readonly Int32Array[]): void => void heard[level - 1].push(chunk);
  const symbols = await joinChunks(generateChunks({ ...options, onCodes }), options.keys.length);
  return { symbols, codes: heard.map((chunks) => concatChunks(chunks, options.keys.length)) };
}

/** Computes the conditioning of all codes at once. */
function wholeConditioning(model: DiscreteAutoencoder, codes: Int32Array): ConditioningSource {
  const whole = model.conditioning(tf.tensor2d(codes, [1, codes.length], 'int32'));
  return {
    hop: model.hop,
    read: (first, count) => tf.slice(whole, [0, first, 0], [1, count, -1]).dataSync<'float32'>(),
  };
}

describe('generate', () => {
  it.each([0, 1, 2, 3])('draws the same as its parts one after the other: %i levels', async (count) => {
    const stack = stackOf(count);
    const lengths = [701, 176, 88, 30];
    let [below] = await sample(stack.prior, { keys: [fold(key, 'prior')], steps: lengths[count] });
    const codes: Int32Array[] = [];
    for (let index = count - 1; index >= 0; index--) {
      codes.unshift(below);
      const model = stack.models[index];
      const conditioning = wholeConditioning(model, below);
      const options = { keys: [fold(key, index + 1)], steps: lengths[index], conditioning };
      [below] = await sample(model.localModel, options);
    }
    expect(new Set(below).size).toBeGreaterThan(2);
    expect(await generate({ ...partsOf(stack), timesteps: 701, key })).toEqual({ symbols: below, codes });
  });
});

describe('generateChunks', () => {
  it('draws several streams, each as if alone, in chunks of any length', async () => {
    const parts = partsOf(stackOf(2));
    const options = { ...parts, timesteps: 700, keys };
    const { symbols, codes } = await drawAll(options);
    for (const [stream, streamKey] of keys.entries()) {
      const alone = await generate({ ...parts, timesteps: 700, key: streamKey });
      expect(symbols[stream]).toEqual(alone.symbols);
      expect(codes.map((level) => level[stream])).toEqual(alone.codes);
    }
    expect(symbols[0]).not.toEqual(symbols[1]);
    for (const chunk of [1, 50, 333]) {
      const lengths: number[] = [];
      const chunks = generateChunks({ ...options, chunk });
      for await (const part of chunks) lengths.push(part[0].length);
      expect(lengths.slice(0, -1).every((length) => length === chunk)).toBe(true);
      expect(await drawAll({ ...options, chunk })).toEqual({ symbols, codes });
    }
  });

  it('tells of codes before anything is drawn from them', async () => {
    const parts = partsOf(stackOf(2));
    const heard = [0, 0, 0];
    const options = {
      ...parts,
      timesteps: 4000,
      keys,
      chunk: 100,
      onCodes: async (level: number, [codes]: readonly Int32Array[]) => {
        await new Promise((resolve) => setTimeout(resolve, 1)); // a slow disk
        heard[level] += codes.length;
      },
    };
    for await (const [symbols] of generateChunks(options)) {
      heard[0] += symbols.length;
      expect(heard[1]).toBeGreaterThanOrEqual(Math.ceil(heard[0] / 4));
      expect(heard[2]).toBeGreaterThanOrEqual(Math.ceil(heard[1] / 2));
      if (heard[0] === 100) expect(heard).toEqual([100, 64, 64]);
    }
    expect(heard).toEqual([4000, 1000, 500]);
  });

  describe.each([1, 2, 3])('continues from kept symbols and codes, through %i levels,', (count) => {
    it.each([1, 6, 129, 300, 401])('to the same symbols as if never interrupted: at %i', async (cut) => {
      const parts = partsOf(stackOf(count));
      const options = { ...parts, keys, chunk: 43 };
      const whole = await drawAll({ ...options, timesteps: 401 });
      // Everything reported before so many symbols had come out is kept.
      const heard = parts.levels.map((): (readonly Int32Array[])[] => []);
      const onCodes = (level: number, chunk: readonly Int32Array[]): void =>
        void heard[level - 1].push(chunk);
      let done = 0;
      for await (const [symbols] of generateChunks({ ...options, timesteps: 401, onCodes })) {
        done += symbols.length;
        if (done >= cut) break;
      }
      const codes = heard.map((chunks) => concatChunks(chunks, 3));
      const resume: Kept = { symbols: whole.symbols.map((symbols) => symbols.slice(0, cut)), codes };
      const rest = await drawAll({ ...options, timesteps: 401 - cut, resume });
      expect(rest.symbols).toEqual(whole.symbols.map((symbols) => symbols.slice(cut)));
      rest.codes.forEach((level, index) => {
        const joined = concatChunks([codes[index], level], 3);
        expect(joined).toEqual(whole.codes[index]);
      });
      // Lost codes of any level are drawn again.
      const lost = codes.map((level, index) => level.map((stream) => stream.slice(0, [7, 0, 3][index])));
      const again = await drawAll({ ...options, timesteps: 401 - cut, resume: { ...resume, codes: lost } });
      expect(again.symbols).toEqual(rest.symbols);
    });
  });

  it('does not see kept codes after the last timestep', async () => {
    // With so many streams, some symbols would differ.
    const options = { ...partsOf(stackOf(2)), keys: split(key, 200) };
    const { symbols, codes } = await drawAll({ ...options, timesteps: 80 });
    const upTo = (lengths: number[]): Promise<unknown> => {
      const kept = codes.map((level, index) => level.map((stream) => stream.slice(0, lengths[index])));
      const resume = { symbols: symbols.map((stream) => stream.slice(0, 25)), codes: kept };
      return drawAll({ ...options, timesteps: 15, resume });
    };
    expect(await upTo([20, 10])).toEqual(await upTo([10, 5]));
  });

  it('continues from symbols alone when their codes are given', async () => {
    const { levels } = partsOf(stackOf(2));
    const top = keys.map((_key, stream) => noise(60, 6).subarray(stream, stream + 50));
    const options = { prior: givenCodes(6, top), levels, keys };
    const whole = await drawAll({ ...options, timesteps: 400 });
    expect(whole.codes[1]).toEqual(top);
    const none = levels.map(() => keys.map(() => new Int32Array(0)));
    const resume = { symbols: whole.symbols.map((symbols) => symbols.slice(0, 99)), codes: none };
    const rest = await drawAll({ ...options, timesteps: 301, resume });
    expect(rest.symbols).toEqual(whole.symbols.map((symbols) => symbols.slice(99)));
  });

  it('accepts only given codes that fit the level, the streams and the length', async () => {
    const { levels } = partsOf(stackOf(1));
    const draw = (codes: Int32Array[], timesteps: number) =>
      generateChunks({ prior: givenCodes(10, codes), levels, timesteps, keys }).next();
    const five = keys.map(() => noise(5, 10));
    expect((await draw(five, 20)).value).toHaveLength(3);
    await expect(draw(five, 21)).rejects.toThrow('6 codes are needed, but there are 5');
    await expect(draw(five.slice(1), 20)).rejects.toThrow('codes of lengths [5, 5] do not suit 3 streams');
    expect(() => givenCodes(10, [Int32Array.of(9, 10)])).toThrow('codes[1] is 10, but must be in 0 … 9');
    const other = { prior: givenCodes(11, five), levels, timesteps: 20, keys };
    await expect(generateChunks(other).next()).rejects.toThrow(
      'level 1 has 10 codes, but the prior models 11',
    );
  });

  it('reports progress', async () => {
    const parts = partsOf(stackOf(2));
    const progress: Progress[] = [];
    const prefix = keys.map(() => noise(30, 16));
    const onProgress = (state: Progress): void => void progress.push(state);
    await drawAll({ ...parts, timesteps: 100, keys, prefix, chunk: 40, onProgress });
    expect(progress).toEqual([0, 40, 80, 100].map((done) => ({ stage: 'generate', done, total: 100 })));
  });

  it('leaves no tensor behind', async () => {
    const parts = partsOf(stackOf(3));
    const prefix = keys.map(() => noise(50, 16));
    await expectNoLeak(() => drawAll({ ...parts, timesteps: 300, keys, prefix }));
  });

  it.each<[object, string]>([
    [{ keys: [] }, 'the number of keys is 0'],
    [{ timesteps: 1.5 }, 'timesteps is 1.5'],
    [{ chunk: 0 }, 'chunk is 0'],
    [{ topK: 0 }, 'topK is 0'],
    [{ prefix: [noise(8, 16), noise(9, 16), noise(8, 16)] }, 'prefixes of lengths [8, 9, 8] do not suit 3'],
    [{ prefix: [noise(8, 16)] }, 'prefixes of lengths [8] do not suit 3 streams'],
    [{ prefix: keys.map(() => Int32Array.of(0, 16)) }, 'prefix[1] is 16, but must be in 0 … 15'],
    [
      { resume: { symbols: keys.map(() => noise(8, 16)), codes: [] } },
      'codes of 0 levels are kept, but there are 1',
    ],
    [
      { resume: { symbols: keys.map(() => noise(8, 16)), codes: [keys.map(() => Int32Array.of(10))] } },
      'codes of level 1[0] is 10',
    ],
    [
      { resume: { symbols: keys.map(() => noise(8, 16)), codes: [[noise(2, 10)]] } },
      'codes of level 1 of lengths [2] do not suit 3 streams',
    ],
    [
      { prefix: keys.map(() => noise(8, 16)), resume: { symbols: [], codes: [] } },
      'prefix and resume are both given',
    ],
  ])('refuses %p', async (wrong, message) => {
    const parts = partsOf(stackOf(1));
    const error: unknown = await drawAll({ ...parts, timesteps: 8, keys, ...wrong }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).message).toContain(message);
  });
});
