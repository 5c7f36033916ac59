import type { Dataset, Split } from '@fermata/data';
import { piecesOf } from '@fermata/data';
import { fold, RandomStream, randomKey } from '@fermata/core';
import type { WaveNet } from '@fermata/wavenet';
import type * as tf from '@tensorflow/tfjs';

/** A model as evaluation sees it: it gives the likelihood of sequences of symbols. */
export interface SequenceModel {
  /** Timesteps per code: sequences are given to it in multiples of this. 1 where there are no codes. */
  readonly hop: number;
  /** How many timesteps before and after a symbol its NLL depends on. Exact, or larger. */
  readonly context: { readonly past: number; readonly future: number };
  /**
   * The NLL of each symbol, in nats.
   *
   * @param symbols int32 `[batch, time]`
   * @param options.codes int32 `[batch, time / hop]`: what the decoder is to listen to, in place of what the model's own
   *   encoder makes of the symbols
   * @returns `[batch, time]`
   */
  nll(symbols: tf.Tensor2D, options?: { readonly codes?: tf.Tensor2D }): tf.Tensor2D;
}

/** A sequence to evaluate on, read part by part. */
export interface SequencePiece {
  /** Unique among the pieces of an evaluation. */
  readonly id: string;
  /** Timesteps. */
  readonly length: number;
  /** Symbols `[length]` from `start` on. */
  read(start: number, length: number): ArrayLike<number>;
}

/**
 * The pieces of a split, to evaluate on.
 *
 * @param timesteps how many to evaluate on at most, all pieces together: where the split has more, no piece is longer
 *   than the length that gives about this sum, so that all pieces are heard. Of each longer one an excerpt is taken from
 *   a place drawn by its id: beginnings are quieter than what follows
 */
export function splitPieces(dataset: Dataset, split: Split, timesteps = Infinity): SequencePiece[] {
  const pieces = piecesOf(dataset, split);
  const longest = lengthLimit(
    pieces.map((piece) => piece.length),
    timesteps,
  );
  return pieces.map((piece) => {
    const length = Math.min(piece.length, longest);
    const first = new RandomStream(fold(excerptKey, piece.id)).integer(piece.length - length + 1);
    return {
      id: piece.id,
      length,
      read: (start, count) => dataset.read(piece, first + start, count),
    };
  });
}

const excerptKey = randomKey('excerpt to evaluate on');

/** The limit that leaves about `total` of the lengths' sum: short pieces stay whole, the longer ones share the rest. */
function lengthLimit(lengths: readonly number[], total: number): number {
  let rest = total;
  const ascending = [...lengths].sort((a, b) => a - b);
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(rest / (ascending.length - index));
    if (length > share) return share;
    rest -= length;
  }
  return Infinity;
}

/** An unconditional WaveNet, to be evaluated. */
export function waveNetSequence(net: WaveNet): SequenceModel {
  return {
    hop: 1,
    context: { past: net.receptiveField, future: 0 },
    nll: (symbols) => net.nll(symbols),
  };
}
