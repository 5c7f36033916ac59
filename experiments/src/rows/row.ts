import type { ModelConfig } from '../models';
import type { Budget, Scale } from '../scales';

/** The paper's numbers for a row; absent if it prints none. */
export interface PaperNumbers {
  readonly trainNll: number;
  readonly evalNll: number;
  /** Perplexity of the codes of all sequences together. For #1.7 the paper counts by sequences of one second. */
  readonly perplexity?: number;
  readonly oneSecondPerplexity?: number;
  /** Receptive field r, in timesteps of the sequence modelled (Tables 2 and 3). */
  readonly receptiveField?: number;
}

/** Headings for rows that are not in the paper's table. */
export const headings = ['ablations', 'beyond the paper'] as const;
export type Heading = (typeof headings)[number];

/** The sequence that a row models: mu-law audio, or the codes that another row makes from its own sequence. */
export type Sequence =
  | { readonly kind: 'audio'; /** Bits of mu-law. */ readonly bits: number }
  | { readonly kind: 'codes'; /** Id of the row that makes the codes. */ readonly of: string };

/** Mu-law audio, with 8 bits by default. */
export function audio(bits = 8): Sequence {
  return { kind: 'audio', bits };
}

/** The codes that a row, given by its id, makes from its own sequence. */
export function codesOf(row: string): Sequence {
  return { kind: 'codes', of: row };
}

/** One row of a table: a model, the sequence that it models, and the paper's numbers. */
export interface Row {
  /** The paper's number without the #: `1.2`. Other rows are named after the row that they change: `1.2-restarts`. */
  readonly id: string;
  readonly title: string;
  /** Heading; absent for the paper's own rows. */
  readonly heading?: Heading;
  readonly sequence: Sequence;
  /** The paper's numbers; absent if it has none. */
  readonly paper?: PaperNumbers;
  /** Model for the size of the alphabet of the row's sequence. */
  model(scale: Scale, symbols: number): ModelConfig;
  /** Budget; if absent, the scale's budget for audio, or for codes. */
  budget?(scale: Scale): Budget;
}

/** A table of the paper. */
export interface Table {
  /** Number: `1`, `2`. */
  readonly number: string;
  /** Title, which describes its rows: `autoencoders on audio`. */
  readonly title: string;
  /** The paper's own rows, then others. */
  readonly rows: readonly Row[];
}
