import { fold, randomKey, RandomStream, split } from '@fermata/core';

import { generateChunks } from './generate';
import type { Level, Prior } from './levels';
import { DrawnSource } from './symbolSource';

const hop = 8;
const symbols = 16;
const margin = 5;

/** A level without tensors: a symbol is a sum of nearby codes and the previous symbol, and sometimes random. */
function toyLevel(watch: (kept: number) => void): Level {
  return {
    hop,
    symbols,
    codebookSize: symbols,
    encode: () => Promise.reject(new Error('nothing is encoded')),
    encodeChunks: () => {
      throw new Error('nothing is encoded');
    },
    reconstruct: () => {
      throw new Error('nothing is reconstructed');
    },
    async *decode(codes, length, { keys, chunk = 100 }) {
      let before = keys.map(() => 0);
      for (let start = 0; start < length; start += chunk) {
        const end = Math.min(length, start + chunk);
        const first = Math.max(0, Math.floor(start / hop) - margin);
        const window = await codes.read(first, Math.ceil(end / hop) + margin - first);
        if (codes instanceof DrawnSource) watch(codes.kept);
        const drawn = keys.map(() => new Int32Array(end - start));
        for (let t = start; t < end; t++) {
          const at = Math.floor(t / hop) - first;
          before = window.map(
            (stream, i) => (stream[at] + (stream[at + margin] ?? 0) + before[i] + t) % symbols,
          );
          before.forEach((symbol, stream) => { drawn[stream][t - start] = symbol; }); // prettier-ignore
        }
        yield drawn;
      }
    },
  };
}

function toyPrior(watch: (drawn: number) => void): Prior {
  return {
    symbols,
    async *draw(length, { keys, chunk = 100 }) {
      for (let start = 0; start < length; start += chunk) {
        const end = Math.min(length, start + chunk);
        watch(end);
        yield await Promise.resolve(
          keys.map((key) =>
            Int32Array.from({ length: end - start }, (_, i) =>
              new RandomStream(fold(key, start + i)).integer(symbols),
            ),
          ),
        );
      }
    },
  };
}

describe('generateChunks', () => {
  it('needs no more memory for a long sequence than for a short one, and draws on demand', async () => {
    const keys = split(randomKey('toys'), 2);
    const largest = [0, 0, 0];
    let fromPrior = 0;
    const levels = largest.map((_, index) =>
      toyLevel((kept) => {
        largest[index] = Math.max(largest[index], kept);
      }),
    );
    const prior = toyPrior((drawn) => (fromPrior = drawn));
    const timesteps = 2_000_000;
    let done = 0;
    for await (const [drawn] of generateChunks({ prior, levels, timesteps, keys, chunk: 1024 })) {
      done += drawn.length;
      // A chunk of each level, which has at least 64 codes, and the look-ahead of each.
      expect(fromPrior).toBeLessThanOrEqual(done / hop ** 3 + 3 * 64);
    }
    expect(done).toBe(timesteps);
    expect(fromPrior).toBe(Math.ceil(timesteps / hop ** 3));
    expect(largest.every((kept) => kept > 2 * margin)).toBe(true);
    expect(Math.max(...largest)).toBeLessThanOrEqual(1024 / hop + 2 * margin + 128);
  });
});
