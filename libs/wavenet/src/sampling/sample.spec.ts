import { normals, randomKey, split, uniforms, type Progress } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectNoLeak, randomiseWeights } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { WaveNet, type WaveNetConfig } from '../waveNet';
import { drawSymbol } from './drawSymbol';
import { sample, sampleChunks, type ConditioningSource } from './sample';

const config: WaveNetConfig = {
  symbols: 7,
  input: 'one-hot',
  dilations: [1, 2, 4],
  width: 2,
  channels: 4,
  gate: 4,
  skip: 4,
  head: 8,
};
const [first, second, third] = split(randomKey('streams'), 3);

function randomModel(change: Partial<WaveNetConfig> = {}): WaveNet {
  const model = new WaveNet({ ...config, ...change }, randomKey('model'));
  randomiseWeights(model, randomKey('weights'));
  return model;
}

/** Random conditioning of three channels, the same for a code wherever it is read. */
const conditioning: ConditioningSource = {
  hop: 4,
  read: (start, count) => normals(randomKey('codes'), 3 * (start + count)).slice(3 * start),
};

beforeAll(() => selectBackend('cpu'));

describe('drawSymbol', () => {
  const logits = Float32Array.of(0, Math.log(2), -Infinity, Math.log(5));
  const shares = (temperature: number): number[] => {
    const counts = [0, 0, 0, 0];
    for (const uniform of uniforms(randomKey('draws'), 40_000))
      counts[drawSymbol(logits, temperature, uniform)]++;
    return counts.map((count) => count / 40_000);
  };

  it('draws with the probabilities of the softmax', () => {
    [1 / 8, 2 / 8, 0, 5 / 8].forEach((share, symbol) => { expect(shares(1)[symbol]).toBeCloseTo(share, 2); }); // prettier-ignore
  });

  it('sharpens or flattens them by the temperature', () => {
    [1 / 30, 4 / 30, 0, 25 / 30].forEach((share, symbol) => { expect(shares(0.5)[symbol]).toBeCloseTo(share, 2); }); // prettier-ignore
    expect(shares(0)).toEqual([0, 0, 0, 1]);
    expect(drawSymbol(logits, 1e-300, 0.99)).toBe(3);
  });

  it('covers the whole of [0, 1)', () => {
    expect(drawSymbol(logits, 1, 0)).toBe(0);
    expect(drawSymbol(logits, 1, 1 - 2 ** -53)).toBe(3);
  });

  it('refuses what is not finite, at any temperature', () => {
    for (const temperature of [0, 1]) {
      for (const bad of [NaN, Infinity]) {
        expect(() => drawSymbol(Float32Array.of(0, bad), temperature, 0.5)).toThrow(
          'the logits are not finite',
        );
        expect(() => drawSymbol(Float32Array.of(bad, 0), temperature, 0.5)).toThrow(
          'the logits are not finite',
        );
      }
    }
  });
});

describe('sample', () => {
  it('follows the distribution of the model', async () => {
    // The parallel model scores what was drawn: its mean NLL must be the entropy that it expects.
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

  it('takes the most probable symbol at temperature 0', async () => {
    const model = randomModel({ conditioning: 3 });
    const [drawn] = await sample(model, { keys: [first], steps: 24, temperature: 0, conditioning });
    const codes = tf.tensor3d(await conditioning.read(0, 6), [1, 6, 3]);
    const best = tf.argMax(model.logits(tf.tensor2d(drawn, [1, 24], 'int32'), codes), 2).dataSync();
    expect([...drawn]).toEqual([...best]);
  });

  it('gives a stream the same symbols whoever else is there', async () => {
    const model = randomModel();
    const alone = await sample(model, { keys: [third], steps: 50 });
    const together = await sample(model, { keys: [first, second, third], steps: 50 });
    expect(together[2]).toEqual(alone[0]);
    expect(together[0]).not.toEqual(together[1]);
  });

  it.each([0, 1, 5, 30])('goes on from a prefix as if it had drawn it: %i symbols', async (length) => {
    const model = randomModel({ conditioning: 3, width: 3 });
    const keys = [first];
    const [whole] = await sample(model, { keys, steps: 50, conditioning });
    const prefix = [whole.slice(0, length)];
    const [rest] = await sample(model, { keys, steps: 50 - length, prefix, conditioning });
    expect(rest).toEqual(whole.slice(length));
  });

  it('gives out chunks that make up the whole', async () => {
    const model = randomModel();
    const keys = [first, second];
    const whole = await sample(model, { keys, steps: 50 });
    const chunks: Int32Array[][] = [];
    for await (const chunk of sampleChunks(model, { keys, steps: 50, chunk: 16 })) chunks.push(chunk);
    expect(chunks.map(([part]) => part.length)).toEqual([16, 16, 16, 2]);
    expect(chunks.flatMap(([, part]) => [...part])).toEqual([...whole[1]]);
    expect(await sample(model, { keys, steps: 0 })).toEqual([new Int32Array(0), new Int32Array(0)]);
  });

  it('reads the conditioning of each code once, as it is needed', async () => {
    const reads: [number, number][] = [];
    const source: ConditioningSource = {
      hop: 2,
      read: (start, count) => {
        reads.push([start, count]);
        return Promise.resolve(new Float32Array(count * 3));
      },
    };
    await sample(randomModel({ conditioning: 3 }), { keys: [first], steps: 601, conditioning: source });
    expect(reads).toEqual([[0, 256], [256, 45]]); // prettier-ignore
  });

  it('tells how far it is and lets other work go on', async () => {
    const progress: Progress[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await sample(randomModel({ gate: 32 }), {
      keys: [first],
      steps: 2000,
      onProgress: (state) => progress.push(state),
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    expect(progress[0]).toEqual({ stage: 'sample', done: 0, total: 2000 });
    expect(progress.at(-1)).toEqual({ stage: 'sample', done: 2000, total: 2000 });
    expect(progress.every(({ done }, i) => i === 0 || done > progress[i - 1].done)).toBe(true);
  });

  it('stops when told to', async () => {
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

  it('fails where the model diverged', async () => {
    const model = randomModel();
    model.head.logitsBias.assign(tf.fill([7], NaN));
    await expect(sample(model, { keys: [first], steps: 4 })).rejects.toThrow('the logits are not finite');
    model.stack.layers[1].bias.assign(tf.fill([8], NaN));
    model.head.logitsBias.assign(tf.zeros([7]));
    await expect(sample(model, { keys: [first], steps: 4 })).rejects.toThrow('the logits are not finite');
  });

  it('names options that it cannot take', async () => {
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

  it('leaves no tensor behind', async () => {
    const model = randomModel();
    await expectNoLeak(() => sample(model, { keys: [first, second], steps: 10 }));
  });
});
