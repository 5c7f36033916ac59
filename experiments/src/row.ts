import type { ModelConfig } from './model';
import type { Budget, Scale } from './scales';

/** What the paper prints for a row; absent where it prints nothing. */
export interface PaperNumbers {
  readonly trainNll: number;
  readonly evalNll: number;
  readonly perplexity?: number;
}

/** One row of a table: a model, what it is trained on, and what the paper says of it. */
export interface Row {
  /** As in the paper, without the #: `1.2`. */
  readonly id: string;
  readonly title: string;
  /** `audio`, or the id of the row whose codes are modelled. */
  readonly sequence: string;
  readonly paper: PaperNumbers;
  model(scale: Scale): ModelConfig;
  budget(scale: Scale): Budget;
}
