import type { ModelConfig } from './model';
import type { Budget, Scale } from './scales';

/** What the paper prints for a row; absent where it prints nothing. */
export interface PaperNumbers {
  readonly trainNll: number;
  readonly evalNll: number;
  /** Of the codes of all sequences together; of #1.7 the paper counts by sequences of one second. */
  readonly perplexity?: number;
  readonly oneSecondPerplexity?: number;
  /** r, in timesteps of the sequence modelled (Tables 2 and 3). */
  readonly receptiveField?: number;
}

/** Under which heading a row stands that the paper's table does not have. */
export const headings = ['ablations', 'beyond the paper'] as const;
export type Heading = (typeof headings)[number];

/** One row of a table: a model, what it is trained on, and what the paper says of it. */
export interface Row {
  /** As in the paper, without the #: `1.2`. Other rows are named after the one that they change: `1.2-restarts`. */
  readonly id: string;
  readonly title: string;
  /** Absent: one of the paper's own rows. */
  readonly heading?: Heading;
  /** `audio`, or the id of the row whose codes are modelled. */
  readonly sequence: string;
  /** Levels of mu-law, of audio: 256 where absent. */
  readonly levels?: number;
  /** Absent where the paper has no numbers. */
  readonly paper?: PaperNumbers;
  model(scale: Scale): ModelConfig;
  budget(scale: Scale): Budget;
}
