import { randomKey, split } from '@fermata/core';
import {
  concatChunks,
  encodeLevels,
  encodePrefix,
  generateChunks,
  type GenerateOptions,
  joinChunks,
  type Level,
} from '@fermata/models';
import { selectBackend } from '@fermata/tensor';
import { expectClose, expectNoLeak } from '@fermata/testing';
import { type WaveNet } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import { noise } from './testing/sizes';
import { stackOf } from './testing/stack';

interface Steps {
  readonly position: number;
  readonly steps: number;
  readonly given: number;
  logits?: Float32Array;
}
interface Sampler {
  take(steps: Steps): void;
  release(): void;
}

/** Records of the samplers of each model: their logits by position, `[streams][symbols]`, and if any is alive. */
const mockRecords = new Map<WaveNet, Map<number, Float32Array[]>>();
let mockAlive = 0;

jest.mock('../../wavenet/src/sampling/createSampler', () => {
  const { createSampler } = jest.requireActual<{
    createSampler(model: WaveNet, settings: { keys: readonly unknown[] }): Promise<Sampler>;
  }>('../../wavenet/src/sampling/createSampler');
  return {
    createSampler: async (model: WaveNet, settings: { keys: readonly unknown[] }): Promise<Sampler> => {
      const sampler = await createSampler(model, settings);
      const record = new Map<number, Float32Array[]>();
      mockRecords.set(model, record);
      mockAlive++;
      return {
        take(taken) {
          const streams = settings.keys.length;
          const { symbols } = model.config;
          const logits = new Float32Array(streams * taken.steps * symbols);
          sampler.take({ ...taken, logits });
          for (let step = taken.given; step < taken.steps; step++) {
            const of = (stream: number): Float32Array => {
              const at = (stream * taken.steps + step) * symbols;
              return logits.subarray(at, at + symbols);
            };
            record.set(
              taken.position + step,
              Array.from({ length: streams }, (_, stream) => of(stream)),
            );
          }
        },
        release() {
          mockAlive--;
          sampler.release();
        },
      };
    },
  };
});

const keys = split(randomKey('joins'), 2);
let stack: ReturnType<typeof stackOf>;
let options: Pick<GenerateOptions, 'prior' | 'levels' | 'keys'>;

beforeAll(async () => {
  await selectBackend('cpu');
  stack = stackOf(2);
  const levels: Level[] = stack.models.map((model) => model.asLevel());
  options = { prior: stack.prior.asPrior(), levels, keys };
});

beforeEach(() => {
  mockRecords.clear();
  mockAlive = 0;
});

/** Converts the symbols of each stream to `[streams, time]`. */
function batchOf(sequences: readonly Int32Array[]): tf.Tensor2D {
  const symbols = sequences.flatMap((sequence) => [...sequence]);
  return tf.tensor2d(symbols, [sequences.length, sequences[0].length], 'int32');
}

describe('a prefix', () => {
  const prefixes = (length: number): Int32Array[] =>
    keys.map((_, stream) => noise(200 + stream, 16).subarray(stream, stream + length));

  // Lengths with whole hops of both levels, of one, of none; shorter than a hop; and longer than the sampler's field.
  it.each([160, 100, 93, 10, 3])(
    'of %i timesteps is continued with the logits of the teacher-forced model',
    async (length) => {
      const prefix = prefixes(length);
      const kept = await encodePrefix(options.levels, prefix);
      const heard: (readonly Int32Array[])[][] = [[], []];
      const onCodes = (level: number, chunk: readonly Int32Array[]): void =>
        void heard[level - 1].push(chunk);
      const timesteps = 192 - length;
      const all = { ...options, timesteps, prefix, onCodes, chunk: 20 };
      const drawn = await joinChunks(generateChunks(all), 2);
      const sequences = [
        concatChunks([prefix, drawn], 2),
        ...heard.map((chunks, index) => concatChunks([kept.codes[index] as Int32Array[], ...chunks], 2)),
      ];
      expect(sequences.map(([{ length: time }]) => time)).toEqual([192, 48, 24]);
      const [lower, upper] = stack.models;
      const [audio, codes, top] = sequences.map(batchOf);
      const expected: [WaveNet, tf.Tensor3D, number][] = [
        [lower.localModel, lower.logits(audio, { codes }), length],
        [upper.localModel, upper.logits(codes, { codes: top }), Math.floor(length / 4)],
        [stack.prior, stack.prior.logits(top), Math.floor(length / 8)],
      ];
      for (const [model, logits, first] of expected) {
        const record = mockRecords.get(model)!;
        expect(Math.min(...record.keys())).toBe(first);
        for (const [position, streams] of record) {
          streams.forEach((values, stream) => {
            const forced = tf.slice(logits, [stream, position, 0], [1, 1, -1]).dataSync();
            expectClose(values, forced, 1e-4);
          });
        }
      }
    },
  );
});

describe('encodePrefix', () => {
  it('keeps the codes of all whole hops, level by level', async () => {
    const prefix = keys.map((_, stream) => noise(95 + stream, 16).subarray(stream));
    const { symbols, codes } = await encodePrefix(options.levels, prefix);
    expect(symbols).toBe(prefix);
    for (const stream of [0, 1]) {
      const alone = await encodeLevels(options.levels, prefix[stream]);
      expect(codes.map((level) => Int32Array.from(level[stream]))).toEqual(alone);
    }
    expect(codes.map(([{ length }]) => length)).toEqual([23, 11]);
  });
});

describe('samplers of all levels are released', () => {
  const endless = { timesteps: 1e9, chunk: 64 };

  it('when the reader stops early', async () => {
    await expectNoLeak(async () => {
      for await (const [symbols] of generateChunks({ ...options, ...endless })) {
        expect(symbols).toHaveLength(64);
        expect(mockAlive).toBe(3);
        break;
      }
    });
    expect(mockRecords.size).toBe(3);
    expect(mockAlive).toBe(0);
  });

  it('at the end', async () => {
    await joinChunks(generateChunks({ ...options, timesteps: 500 }), 2);
    expect(mockRecords.size).toBe(3);
    expect(mockAlive).toBe(0);
  });

  it('when the signal is aborted, at any level', async () => {
    // The levels whose codes had been reported by then, chunk by chunk.
    for (const heard of ['2', '2 1', '2 1 2', 'audio']) {
      mockRecords.clear();
      const controller = new AbortController();
      const events: number[] = [];
      const stop = (): void => {
        controller.abort(new Error('enough'));
      };
      const onCodes = (level: number): void => {
        events.push(level);
        if (events.join(' ') === heard) stop();
      };
      await expectNoLeak(async () => {
        const { signal } = controller;
        const drawn = generateChunks({ ...options, ...endless, onCodes, signal });
        const draw = async (): Promise<void> => {
          for (let chunk = 0; chunk < 100; chunk++) {
            await drawn.next();
            if (heard === 'audio') stop();
          }
        };
        await expect(draw()).rejects.toThrow('enough');
      });
      // A level that has begun a turn by then completes it.
      expect(events.join(' ')).toMatch(heard === 'audio' ? /^2 1$/ : new RegExp(`^${heard}( 1)?$`));
      expect(mockRecords.size).toBe(3);
      expect(mockAlive).toBe(0);
    }
    const signal = AbortSignal.abort(new Error('before'));
    await expect(generateChunks({ ...options, ...endless, signal }).next()).rejects.toThrow('before');
  });

  it('when a listener fails', async () => {
    const onCodes = (level: number): void => {
      if (level === 1) throw new Error('the disk is full');
    };
    const drawn = generateChunks({ ...options, ...endless, onCodes });
    await expect(drawn.next()).rejects.toThrow('the disk is full');
    expect(mockRecords.size).toBe(3);
    expect(mockAlive).toBe(0);
  });
});
