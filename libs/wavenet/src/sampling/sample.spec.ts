import { fold, normals, randomKey, split, uniforms, type Progress } from '@fermata/core';
import { loadKernels, weightFormats, type Kernels } from '@fermata/kernels';
import { selectBackend } from '@fermata/tensor';
import { expectClose, expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { randomModel } from '../testing/sizes';
import { drawSymbol } from './drawSymbol';
import { sample, sampleChunks, type ConditioningSource } from './sample';
import { formatDivergence, sequenceLogits } from './sequenceLogits';

jest.mock('@fermata/kernels', () => {
  const kernels = jest.requireActual<typeof import('@fermata/kernels')>('@fermata/kernels');
  return { ...kernels, loadKernels: jest.fn(kernels.loadKernels) };
});
const compiled = loadKernels();
const samplers: [string, Kernels | undefined][] = [['in TypeScript', undefined]];
if (compiled !== undefined) samplers.push(['on the compiled kernels', compiled]);

const [first, second, third] = split(randomKey('streams'), 3);

/** Random conditioning of three channels, equal for a code in every read. */
function source(streams: number): ConditioningSource {
  const codes = (stream: number, end: number): Float32Array =>
    normals(fold(randomKey('codes'), stream), 3 * end);
  return {
    hop: 4,
    read: (start, count) => {
      const values = new Float32Array(streams * count * 3);
      for (let stream = 0; stream < streams; stream++) {
        values.set(codes(stream, start + count).slice(3 * start), stream * count * 3);
      }
      return values;
    },
  };
}
const conditioning = source(1);

beforeAll(() => selectBackend('cpu'));

const all = { temperature: 1, topK: 4, topP: 1 };

describe('drawSymbol', () => {
  const logits = Float32Array.of(0, Math.log(2), -Infinity, Math.log(5));
  const shares = (temperature: number): number[] => {
    const counts = [0, 0, 0, 0];
    for (const uniform of uniforms(randomKey('draws'), 40_000))
      counts[drawSymbol(logits, { ...all, temperature }, uniform)]++;
    return counts.map((count) => count / 40_000);
  };

  it('draws with the probabilities of the softmax', () => {
    [1 / 8, 2 / 8, 0, 5 / 8].forEach((share, symbol) => { expect(shares(1)[symbol]).toBeCloseTo(share, 2); }); // prettier-ignore
  });

  it('sharpens or flattens the probabilities by the temperature', () => {
    [1 / 30, 4 / 30, 0, 25 / 30].forEach((share, symbol) => { expect(shares(0.5)[symbol]).toBeCloseTo(share, 2); }); // prettier-ignore
    expect(shares(0)).toEqual([0, 0, 0, 1]);
    expect(drawSymbol(logits, { ...all, temperature: 1e-300 }, 0.99)).toBe(3);
  });

  it('draws only among the most probable symbols of topK and topP', () => {
    const kept = (change: object, equal = logits): number[] => {
      const drawn = Array.from({ length: 1000 }, (_, i) =>
        drawSymbol(equal, { ...all, ...change }, i / 1000),
      );
      return [...new Set(drawn)];
    };
    expect(kept({ topK: 1 })).toEqual([3]);
    expect(kept({ topK: 2 })).toEqual([1, 3]);
    expect(kept({ topP: 0.6 })).toEqual([3]);
    expect(kept({ topP: 0.7 })).toEqual([1, 3]);
    expect(kept({ topP: 0.9 })).toEqual([0, 1, 3]);
    // Among those that topK keeps, the 5 has five sevenths.
    expect(kept({ topK: 2, topP: 0.7 })).toEqual([3]);
    // The first of equals.
    expect(kept({ topK: 2 }, new Float32Array(4))).toEqual([0, 1]);
    expect(kept({ topP: 0.75 }, new Float32Array(4))).toEqual([0, 1, 2]);
  });

  it('covers the whole of [0, 1)', () => {
    expect(drawSymbol(logits, all, 0)).toBe(0);
    expect(drawSymbol(logits, all, 1 - 2 ** -53)).toBe(3);
  });

  it('refuses logits that are not finite, at any temperature', () => {
    for (const temperature of [0, 1]) {
      for (const bad of [NaN, Infinity]) {
        expect(() => drawSymbol(Float32Array.of(0, bad), { ...all, temperature }, 0.5)).toThrow(
          'the logits are not finite',
        );
        expect(() => drawSymbol(Float32Array.of(bad, 0), { ...all, temperature }, 0.5)).toThrow(
          'the logits are not finite',
        );
      }
    }
  });
});

describe.each(samplers)('sample, %s,', (_, kernels) => {
  beforeEach(() => { jest.mocked(loadKernels).mockReturnValue(kernels); }); // prettier-ignore

  it('follows the distribution of the model', async () => {
    // The parallel model scores the draws: its mean NLL must be the entropy that it expects.
    const model = randomModel();
    const keys = split(randomKey('many'), 200);
    const drawn = await sample(model, { keys, steps: 20 });
    const symbols = tf.tensor2d(
      drawn.flatMap((stream) => [...stream]),
      [200, 20],
      'int32',
    );
    const logits = model.logits(symbols);
    const entropies = tf.neg(tf.sum(tf.mul(tf.softmax(logits), tf.logSoftmax(logits)), 2));
    const difference = tf.mean(tf.sub(model.nll(symbols), entropies)).dataSync()[0];
    expect(Math.abs(difference)).toBeLessThan(0.05);
  });

  it('draws only symbols that topK and topP keep', async () => {
    const model = randomModel();
    const keys = split(randomKey('many'), 50);
    const best = await sample(model, { keys, steps: 20, temperature: 0 });
    expect(await sample(model, { keys, steps: 20, topK: 1 })).toEqual(best);
    expect(await sample(model, { keys, steps: 20, topP: 1e-9 })).toEqual(best);
    const drawn = await sample(model, { keys, steps: 20 });
    expect(drawn).not.toEqual(best);
    expect(await sample(model, { keys, steps: 20, topK: 7, topP: 1 })).toEqual(drawn);
    const few = await sample(model, { keys, steps: 1, topK: 3, topP: 0.9 });
    expect(new Set(few.map(([symbol]) => symbol)).size).toBeLessThanOrEqual(3);
  });

  it.each(weightFormats)('draws nearly the same distribution from weights in %s', async (weights) => {
    const model = randomModel();
    const symbols = await sample(model, { keys: split(randomKey('excerpts'), 4), steps: 100, weights });
    const divergence = await formatDivergence(model, symbols, { weights });
    if (weights === 'fp32') expect(divergence).toBe(0);
    else expect(divergence).toBeGreaterThan(0);
    expect(divergence).toBeLessThan(1e-3);
  });

  it('gives the logits of the parallel computation for given sequences', async () => {
    const model = randomModel({ conditioning: 3 });
    const sequences = await sample(model, { keys: [first, second], steps: 8, conditioning: source(2) });
    const values = source(2).read(0, 2) as Float32Array;
    const logits = await sequenceLogits(model, sequences, { conditioning: { hop: 4, values } });
    const symbols = tf.tensor2d(
      sequences.flatMap((symbols) => [...symbols]),
      [2, 8],
      'int32',
    );
    expectClose(logits, model.logits(symbols, tf.tensor3d(values, [2, 2, 3])).dataSync(), 1e-4);
  });

  it('takes the most probable symbol at temperature 0', async () => {
    const model = randomModel({ conditioning: 3 });
    const [drawn] = await sample(model, { keys: [first], steps: 24, temperature: 0, conditioning });
    const codes = tf.tensor3d(await conditioning.read(0, 6), [1, 6, 3]);
    const best = tf.argMax(model.logits(tf.tensor2d(drawn, [1, 24], 'int32'), codes), 2).dataSync();
    expect([...drawn]).toEqual([...best]);
  });

  it('gives a stream the same symbols beside any others', async () => {
    const model = randomModel();
    const alone = await sample(model, { keys: [third], steps: 50 });
    const together = await sample(model, { keys: [first, second, third], steps: 50 });
    expect(together[2]).toEqual(alone[0]);
    expect(together[0]).not.toEqual(together[1]);
  });

  it.each([0, 1, 5, 30])('continues a prefix as if it had drawn it: %i symbols', async (length) => {
    const model = randomModel({ conditioning: 3, width: 3 });
    const keys = [first];
    const [whole] = await sample(model, { keys, steps: 50, conditioning });
    const prefix = [whole.slice(0, length)];
    const [rest] = await sample(model, { keys, steps: 50 - length, prefix, conditioning });
    expect(rest).toEqual(whole.slice(length));
  });

  it('reads as much of a long prefix as the next symbol depends on', async () => {
    // With so many streams, some would differ if a symbol were missing.
    const model = randomModel({ dilations: [1] });
    const keys = split(randomKey('many'), 2000);
    const whole = await sample(model, { keys, steps: 6 });
    const prefix = whole.map((symbols) => symbols.subarray(0, 5));
    const rest = await sample(model, { keys, steps: 1, prefix });
    expect(rest).toEqual(whole.map((symbols) => symbols.subarray(5)));
  });

  it('gives chunks that make up the whole', async () => {
    const model = randomModel();
    const keys = [first, second];
    const whole = await sample(model, { keys, steps: 50 });
    const chunks: Int32Array[][] = [];
    for await (const chunk of sampleChunks(model, { keys, steps: 50, chunk: 16 })) chunks.push(chunk);
    expect(chunks.map(([part]) => part.length)).toEqual([16, 16, 16, 2]);
    expect(chunks.flatMap(([, part]) => [...part])).toEqual([...whole[1]]);
    expect(await sample(model, { keys, steps: 0 })).toEqual([new Int32Array(0), new Int32Array(0)]);
  });

  it('reads the conditioning of each code once, on demand', async () => {
    const reads: [number, number][] = [];
    const source: ConditioningSource = {
      hop: 2,
      read: (start, count) => {
        reads.push([start, count]);
        return Promise.resolve(new Float32Array(count * 3));
      },
    };
    const model = randomModel({ conditioning: 3 });
    const options = { keys: [first], steps: 601, conditioning: source };
    await sample(model, options);
    expect(reads).toEqual([[0, 256], [256, 45]]); // prettier-ignore
    // Reads nothing for a chunk that was not requested.
    reads.length = 0;
    const chunks = sampleChunks(model, { ...options, chunk: 15 });
    await chunks.next();
    expect(reads).toEqual([[0, 8]]); // prettier-ignore
    await chunks.next();
    expect(reads).toEqual([[0, 8], [8, 7]]); // prettier-ignore
    await chunks.return(undefined);
  });

  it('reports progress and lets other work continue', async () => {
    const progress: Progress[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await sample(randomModel({ channels: 64, gate: 64 }), {
      keys: [first],
      steps: 20_000,
      onProgress: (state) => progress.push(state),
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    expect(progress[0]).toEqual({ stage: 'sample', done: 0, total: 20_000 });
    expect(progress.at(-1)).toEqual({ stage: 'sample', done: 20_000, total: 20_000 });
    expect(progress.every(({ done }, i) => i === 0 || done > progress[i - 1].done)).toBe(true);
  });

  it('stops on abort', async () => {
    const controller = new AbortController();
    const options = {
      keys: [first],
      steps: 1e9,
      signal: controller.signal,
      onProgress: ({ done }: Progress): void => {
        if (done > 100) controller.abort(new Error('enough'));
      },
    };
    const chunks = sampleChunks(randomModel(), options);
    await expect(chunks.next()).rejects.toThrow('enough');
    await expect(sampleChunks(randomModel(), options).next()).rejects.toThrow('enough');
  });

  it('fails if the model diverged', async () => {
    const model = randomModel();
    model
      .weights()
      .get('head/logitsBias')!
      .assign(tf.fill([7], NaN));
    await expect(sample(model, { keys: [first], steps: 4 })).rejects.toThrow('the logits are not finite');
    model.stack.layers[1].bias.assign(tf.fill([8], NaN));
    model
      .weights()
      .get('head/logitsBias')!
      .assign(tf.zeros([7]));
    await expect(sample(model, { keys: [first], steps: 4 })).rejects.toThrow('the logits are not finite');
  });

  it('names invalid options', async () => {
    const model = randomModel();
    const fails = (options: object): Promise<unknown> =>
      sample(model, { keys: [first], steps: 4, ...options });
    await expect(fails({ keys: [] })).rejects.toThrow(
      'the number of keys is 0, but must be an integer of at least 1',
    );
    await expect(fails({ steps: 1.5 })).rejects.toThrow('steps is 1.5');
    await expect(fails({ temperature: -1 })).rejects.toThrow(
      'temperature is -1, but must be a number of at least 0',
    );
    await expect(fails({ temperature: NaN })).rejects.toThrow('temperature is NaN');
    await expect(fails({ chunk: 0 })).rejects.toThrow('chunk is 0');
    await expect(fails({ topK: 0 })).rejects.toThrow('topK is 0');
    await expect(fails({ topP: 0 })).rejects.toThrow('topP is 0, but must be a number above 0 and at most 1');
    await expect(fails({ weights: 'fp8' })).rejects.toThrow(
      'weights is fp8, but must be one of fp32, bf16, int8',
    );
    await expect(fails({ prefix: [[1], [2]] })).rejects.toThrow(
      'prefixes of lengths [1, 1] do not suit 1 streams',
    );
    await expect(fails({ prefix: [[7]] })).rejects.toThrow('stream 0 is fed 7, but symbols are 0 … 6');
    await expect(fails({ conditioning })).rejects.toThrow('conditioning is given, but the model takes none');
    await expect(sample(randomModel({ conditioning: 3 }), { keys: [first], steps: 4 })).rejects.toThrow(
      'conditioning is missing, but the model needs it',
    );
    await expect(
      sample(randomModel({ conditioning: 2 }), { keys: [first], steps: 4, conditioning }),
    ).rejects.toThrow('conditioning has 3 values, not 1 · 1 · 2');
  });

  it('needs no more memory for long sequences than for short ones', async () => {
    const chunks = sampleChunks(randomModel(), { keys: [first], steps: 1e9, chunk: 1000 });
    const used = async (count: number): Promise<number> => {
      for (let i = 0; i < count; i++) await chunks.next();
      const { external, arrayBuffers } = process.memoryUsage();
      return external + arrayBuffers;
    };
    const before = await used(5);
    expect(await used(50)).toBeLessThan(before + 5e6);
    await chunks.return(undefined);
  });

  it('leaves no tensor behind', async () => {
    const model = randomModel();
    await expectNoLeak(() => sample(model, { keys: [first, second], steps: 10 }));
  });
});
