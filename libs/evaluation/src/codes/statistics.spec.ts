import { fold, randomKey, RandomStream } from '@fermata/core';
import { expectClose, loadGoldens } from '@fermata/testing';

import { shuffleCodes } from './shuffleCodes';
import {
  codeStatistics,
  countSymbols,
  meanPerplexity,
  scoredSymbols,
  unigramEntropy,
  unigramNll,
} from './statistics';

const { entropies: golden } = loadGoldens('evaluation/statistics');
const counts = golden.test.values;

// Counted symbols, in one sequence.
function sequenceOf(histogram: readonly number[]): Uint8Array {
  return Uint8Array.from(histogram.flatMap((count, symbol) => new Array<number>(count).fill(symbol)));
}

describe('codeStatistics', () => {
  it("has SciPy's entropy, over all sequences together", () => {
    const all = sequenceOf(counts);
    for (const sequences of [[all], [all.subarray(0, 123), all.subarray(123)]]) {
      const statistics = codeStatistics(sequences, 20);
      expect(statistics.histogram).toEqual(counts);
      expect(statistics.count).toBe(500);
      expect(statistics.codesInUse).toBe(counts.filter((count) => count > 0).length);
      expectClose(statistics.entropy, golden.entropy.values[0], 1e-7);
      expectClose(statistics.perplexity, golden.perplexity.values[0], 1e-7);
    }
  });

  it('is k if all codes are equally frequent, and 1 for a single code', () => {
    const even = codeStatistics([Uint8Array.from({ length: 512 }, (_, i) => i % 256)], 256);
    expectClose(even.perplexity, 256, 1e-12);
    expect(even.codesInUse).toBe(256);
    expect(codeStatistics([[7, 7, 7]], 256)).toMatchObject({ perplexity: 1, codesInUse: 1, entropy: 0 });
  });

  it('rejects codes out of range, and empty input', () => {
    expect(() => codeStatistics([[0, 3]], 3)).toThrow('symbol 3 at timestep 1 is not in 0 … 2');
    expect(() => countSymbols([[-1]], 3)).toThrow('symbol -1 at timestep 0');
    expect(() => codeStatistics([[]], 3)).toThrow('no codes');
  });
});

describe('meanPerplexity', () => {
  it('counts each part by itself, and leaves the rest out', () => {
    // Parts 0 0, 0 1 and 2 3 have 1, 2 and 2 equally frequent codes.
    expectClose(
      meanPerplexity(
        [
          [0, 0, 0, 1, 7],
          [2, 3],
        ],
        8,
        2,
      ),
      5 / 3,
      1e-12,
    );
    expect(
      codeStatistics(
        [
          [0, 0, 0, 1],
          [2, 3],
        ],
        8,
      ).perplexity,
    ).toBeGreaterThan(5 / 3);
  });

  it('refuses sequences that are too short', () => {
    expect(() => meanPerplexity([[1, 2]], 8, 3)).toThrow('meanPerplexity: no sequence has 3 codes');
  });
});

describe('unigramNll', () => {
  it("is SciPy's cross-entropy with smoothed shares, above the entropy", () => {
    const nll = unigramNll(golden.train.values, counts);
    expectClose(nll, golden.crossEntropy.values[0], 1e-7);
    expect(nll).toBeGreaterThan(unigramEntropy(counts));
  });

  it('is finite for symbols that were never seen in training', () => {
    expectClose(unigramNll([3, 0], [0, 1]), Math.log(5), 1e-12);
    expect(() => unigramNll([1, 2], [0, 0])).toThrow('unigramNll: 0 symbols');
    expect(() => unigramNll([1, 2, 3], [0, 1])).toThrow('an alphabet of 2, fitted on one of 3');
  });
});

describe('scoredSymbols', () => {
  it('are those that evaluateNll scores, in blocks', () => {
    const length = (1 << 20) + 30;
    const reads: number[][] = [];
    const piece = {
      id: 'long',
      length,
      read: (start: number, count: number) => {
        reads.push([start, count]);
        return { length: count };
      },
    };
    const short = { ...piece, id: 'short', length: 15 };
    expect([...scoredSymbols([short, piece], { skip: 13, multipleOf: 8 })]).toHaveLength(2);
    expect(reads).toEqual([
      [16, 1 << 20],
      [16 + (1 << 20), 8],
    ]);
  });
});

describe('shuffleCodes', () => {
  const stream = new RandomStream(randomKey('codes'));
  const piece = () => Uint8Array.from({ length: 200 }, () => stream.integer(9));
  const codes = new Map([
    ['a', piece()],
    ['b', piece()],
  ]);

  it('keeps the codes of each piece and changes their order, by the key', () => {
    const shuffled = shuffleCodes(codes, randomKey(3));
    expect([...shuffled.keys()]).toEqual(['a', 'b']);
    for (const [id, sequence] of shuffled) {
      expect([...sequence]).not.toEqual([...codes.get(id)!]);
      expect([...sequence].sort()).toEqual([...codes.get(id)!].sort());
    }
    expect(shuffleCodes(codes, randomKey(3))).toEqual(shuffled);
    // Each piece has its own order.
    const alike = new Map(['a', 'b'].map((id) => [id, codes.get('a')!]));
    expect(shuffleCodes(alike, randomKey(3)).get('b')).not.toEqual(shuffled.get('a'));
    expect(shuffleCodes(codes, fold(randomKey(3), 'other'))).not.toEqual(shuffled);
    expect(shuffleCodes(new Map([['b', codes.get('b')!]]), randomKey(3)).get('b')).toEqual(shuffled.get('b'));
  });
});
