import { assertInteger } from '@fermata/tensor';

import { scoredRange } from '../nll/windows';
import type { SequencePiece } from '../sequenceModel';

/** How a codebook is used. */
export interface CodeStatistics {
  /** k: size of the codebook. */
  readonly symbols: number;
  /** Codes counted. */
  readonly count: number;
  /** How often each code occurs, `[symbols]`. */
  readonly histogram: readonly number[];
  /** Of a single code, in nats. */
  readonly entropy: number;
  /** exp(entropy): k where all codes are used equally often, 1 where it is always the same. */
  readonly perplexity: number;
  /** How many different codes occur. */
  readonly codesInUse: number;
}

/**
 * The codebook perplexity of tables 1 and 2: "the exponential of the code entropy". Codes are counted over all sequences
 * together, for the perplexity of a batch is bounded by its size.
 *
 * @param sequences codes of the whole set held out, `[time]` each
 * @param symbols k: size of the codebook
 * @throws RangeError for codes out of range, and when there are none
 */
export function codeStatistics(sequences: Iterable<ArrayLike<number>>, symbols: number): CodeStatistics {
  const histogram = countSymbols(sequences, symbols);
  const count = histogram.reduce((sum, occurrences) => sum + occurrences, 0);
  if (count === 0) throw new RangeError('codeStatistics: there are no codes to count');
  const entropy = unigramEntropy(histogram);
  return {
    symbols,
    count,
    histogram,
    entropy,
    perplexity: Math.exp(entropy),
    codesInUse: histogram.filter((occurrences) => occurrences > 0).length,
  };
}

/**
 * The perplexity of sequences of so many codes, each counted by itself, on average: what Table 1 has for #1.7 (†). Short
 * sequences bound it, so that it is lower than `codeStatistics`. What is left over at the end of a sequence is not
 * counted.
 *
 * @param sequences codes, `[time]` each
 * @param symbols k: size of the codebook
 * @param length codes of a sequence, such as those of a second
 * @throws RangeError when no sequence is that long
 */
export function meanPerplexity(
  sequences: Iterable<ArrayLike<number>>,
  symbols: number,
  length: number,
): number {
  assertInteger(length, 1, 'length');
  let [sum, parts] = [0, 0];
  for (const sequence of sequences) {
    const codes = Array.from(sequence);
    for (let start = 0; start + length <= codes.length; start += length) {
      sum += codeStatistics([codes.slice(start, start + length)], symbols).perplexity;
      parts++;
    }
  }
  if (parts === 0) throw new RangeError(`meanPerplexity: no sequence has ${length} codes`);
  return sum / parts;
}

/**
 * How often each symbol occurs.
 *
 * @param sequences symbols, `[time]` each
 * @returns `[symbols]`
 * @throws RangeError for a symbol out of range
 */
export function countSymbols(sequences: Iterable<ArrayLike<number>>, symbols: number): number[] {
  assertInteger(symbols, 1, 'symbols');
  const counts = new Array<number>(symbols).fill(0);
  for (const sequence of sequences) {
    for (let t = 0; t < sequence.length; t++) {
      const symbol = sequence[t];
      if (!(symbol >= 0 && symbol < symbols)) {
        throw new RangeError(`symbol ${symbol} at timestep ${t} is not in 0 … ${symbols - 1}`);
      }
      counts[symbol]++;
    }
  }
  return counts;
}

// Symbols read at once: a piece may be longer than memory allows.
const blockLength = 1 << 20;

/**
 * The symbols of pieces that `evaluateNll` scores under the same `skip` and `multipleOf`, to be counted; all of them when
 * these are left out. Long pieces come in several parts.
 */
export function* scoredSymbols(
  pieces: Iterable<SequencePiece>,
  { skip = 0, multipleOf = 1 }: { readonly skip?: number; readonly multipleOf?: number } = {},
): Generator<ArrayLike<number>> {
  for (const piece of pieces) {
    const { from, to } = scoredRange(piece.length, { skip, multipleOf });
    for (let start = from; start < to; start += blockLength) {
      yield piece.read(start, Math.min(blockLength, to - start));
    }
  }
}

/**
 * The entropy of the symbols' shares, −Σ p ln p, in nats. As an estimate of the entropy of what the symbols were drawn
 * from it is too low, by about (k − 1) / 2n for n independent symbols (Miller, 1955), and never above the NLL that any
 * unigram model has on the same symbols.
 *
 * @param counts `[symbols]`
 * @throws RangeError when nothing was counted
 */
export function unigramEntropy(counts: ArrayLike<number>): number {
  const total = sum(counts);
  if (total === 0) throw new RangeError('unigramEntropy: no symbols were counted');
  let entropy = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const share = counts[symbol] / total;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return entropy;
}

/**
 * The NLL of a unigram model, in nats per timestep: what a model that sees nothing of the past (r = 0 in figure 2) can
 * do. Its probabilities are the shares in the training split with one added to each count (Laplace), so that a symbol
 * which only occurs in the other split has a finite NLL. Unlike the entropy of either split it is measured as the NLLs at
 * r ≥ 1 are: fitted on the one split, scored on the other.
 *
 * @param trainCounts `[symbols]`, of the training split
 * @param counts `[symbols]`, of the positions to score
 * @throws RangeError when nothing is to be scored
 */
export function unigramNll(trainCounts: ArrayLike<number>, counts: ArrayLike<number>): number {
  const scored = sum(counts);
  if (scored === 0 || trainCounts.length !== counts.length) {
    throw new RangeError(
      `unigramNll: ${scored} symbols of an alphabet of ${counts.length}, fitted on one of ${trainCounts.length}`,
    );
  }
  const fitted = sum(trainCounts) + trainCounts.length;
  let nll = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    nll -= (counts[symbol] / scored) * Math.log((trainCounts[symbol] + 1) / fitted);
  }
  return nll;
}

function sum(counts: ArrayLike<number>): number {
  let total = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) total += counts[symbol];
  return total;
}
