import { rowConfig, type Row, type Settings } from '../rows';
import type { Scale } from '../scales';
import { scoringOf } from './scoring';
import { samplesPerSymbol } from './sequence';

/** The shortest usable pieces, in timesteps of audio. */
export interface PieceLengths {
  /** Shortest piece to draw a training excerpt from. */
  readonly trained: number;
  /** Shortest piece with a scored position, with full context. */
  readonly scored: number;
  /** Timesteps of audio of a split that are scored at most, all pieces together. */
  readonly within: number;
}

/** Lengths that one piece of each split must have to train and score a row. */
export function lengthsNeeded(row: Row, scale: Scale, settings?: Settings): PieceLengths {
  const { skip, multipleOf, most } = scoringOf(row, scale, settings);
  const samples = samplesPerSymbol(row.sequence, scale);
  return {
    trained: samples * rowConfig(row, scale, settings).budget.cropLength,
    scored: samples * multipleOf * (Math.ceil(skip / multipleOf) + 1),
    within: samples * most,
  };
}
