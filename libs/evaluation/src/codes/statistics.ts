import { assertInteger } from '@fermata/tensor';

import { scoredRange } from '../nll/windows';
import type { SequencePiece } from '../splitPieces';

/** Usage of a codebook. */
export interface CodeStatistics {
  /** Size k of the codebook. */
  readonly codebookSize: number;
  /** Number of counted codes. */
  readonly count: number;
  /** Number of occurrences of each code, `[codebookSize]`. */
  readonly histogram: readonly number[];
  /** Entropy of a single code, in nats. */
  readonly entropy: number;
  /** Equals exp(entropy): k if all codes are equally frequent, 1 if all codes are the same. */
  readonly perplexity: number;
  /** Number of different codes that occur. */
  readonly codesInUse: number;
}

/**
 * Codebook perplexity of tables 1 and 2: "the exponential of the code entropy". It counts codes over all sequences
 * together, because the perplexity of a batch is bounded by its size.
 *
 * @param sequences codes of the whole held-out set, `[time]` each
 * @param codebookSize size k of the codebook
 * @throws RangeError if a code is out of range, or if there are no codes
 */
export function codeStatistics(sequences: Iterable<ArrayLike<number>>, codebookSize: number): CodeStatistics {
  const histogram = countSymbols(sequences, codebookSize);
  const count = histogram.reduce((sum, occurrences) => sum + occurrences, 0);
  if (count === 0) throw new RangeError('codeStatistics: there are no codes to count');
  const entropy = unigramEntropy(histogram);
  return {
    codebookSize,
    count,
    histogram,
    entropy,
    perplexity: Math.exp(entropy),
    codesInUse: histogram.filter((occurrences) => occurrences > 0).length,
  };
}

/**
 * Mean perplexity of sequences of `length` codes, each counted on its own: the number of Table 1 for #1.7 (†). The
 * length bounds it, so it is lower than the perplexity of `codeStatistics`. It ignores the incomplete rest of each
 * sequence.
 *
 * @param sequences codes, `[time]` each
 * @param codebookSize size k of the codebook
 * @param length codes per counted sequence, such as those of one second
 * @throws RangeError if no sequence is that long
 */
export function meanPerplexity(
  sequences: Iterable<ArrayLike<number>>,
  codebookSize: number,
  length: number,
): number {
  assertInteger(length, 1, 'length');
  let [sum, parts] = [0, 0];
  for (const sequence of sequences) {
    const codes = Array.from(sequence);
    for (let start = 0; start + length <= codes.length; start += length) {
      sum += codeStatistics([codes.slice(start, start + length)], codebookSize).perplexity;
      parts++;
    }
  }
  if (parts === 0) throw new RangeError(`meanPerplexity: no sequence has ${length} codes`);
  return sum / parts;
}

/**
 * Counts the occurrences of each symbol.
 *
 * @param sequences symbols, `[time]` each
 * @returns `[symbols]`
 * @throws RangeError if a symbol is out of range
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

// Symbols read at a time: a whole piece may not fit memory.
const blockLength = 1 << 20;

/**
 * Reads the symbols that `evaluateNll` scores under the same `skip` and `multipleOf`; all symbols if these are absent.
 * Long pieces come in several parts.
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
 * Entropy of the symbols' frequencies, −Σ p ln p, in nats. It underestimates the entropy of the source by about (k − 1)
 * / 2n for n independent symbols (Miller, 1955), and never exceeds the NLL of any unigram model on the same symbols.
 *
 * @param counts `[symbols]`
 * @throws RangeError if nothing was counted
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
 * NLL of a unigram model, in nats per timestep: the score of a model without a past (r = 0 in figure 2). Its
 * probabilities are the frequencies in the training split with one added to each count (Laplace), so that a symbol
 * which occurs only in the other split has a finite NLL. Unlike the entropy of either split, it is measured like the
 * NLLs at r ≥ 1: fitted on one split, scored on the other.
 *
 * @param trainCounts `[symbols]`, of the training split
 * @param counts `[symbols]`, of the positions to score
 * @throws RangeError if there is nothing to score
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
