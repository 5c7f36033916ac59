import { describeModel } from '../models';
import { describeRow, rowConfig, rowNamed, tableOf, type Row, type Sequence, type Settings } from '../rows';
import type { Scale } from '../scales';
import { sequenceOf } from './sequence';

/** The positions of a sequence that a row is scored on. */
export interface Scoring {
  /**
   * Number of unscored positions at the start of each piece: the largest reach into the past of any row in the table.
   */
  readonly skip: number;
  /** Scored positions begin and end at multiples of this. */
  readonly multipleOf: number;
  /**
   * Most positions to score, over all pieces. Minutes of audio suffice; of codes the whole split is scored, because
   * minutes hold too few.
   */
  readonly most: number;
}

/**
 * The positions that a row is scored on: the same for every row of its table that models the same sequence. Settings
 * that make it see further drop first positions.
 */
export function scoringOf(row: Row, scale: Scale, settings: Settings = {}): Scoring {
  const comparable = tableOf(row.id).rows.filter(({ sequence }) => isSame(sequence, row.sequence));
  const facts = comparable.map((other) => describeRow(other, scale));
  const own = describeModel(rowConfig(rowNamed(row.id), scale, settings).model);
  const { rate } = sequenceOf(row.sequence, scale);
  return {
    skip: Math.max(own.context.past, ...facts.map(({ context }) => context.past)),
    multipleOf: Math.max(...facts.map(({ hop }) => hop)),
    most: row.sequence.kind === 'audio' ? scale.scoredMinutes * 60 * rate : Infinity,
  };
}

// Audio with other bits has the same timesteps.
function isSame(a: Sequence, b: Sequence): boolean {
  return a.kind === 'audio' ? b.kind === 'audio' : b.kind === 'codes' && a.of === b.of;
}
