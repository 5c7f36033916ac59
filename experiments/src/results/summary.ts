import { estimate, type Estimate } from '@fermata/evaluation';

import type { RowOutcome } from '../jobs';
import { describeRow, rowNamed } from '../rows';
import type { Scale } from '../scales';
import type { RecordedRow } from './recordedRow';

/** A row of a table, over all its seeds. */
export interface RowSummary {
  readonly id: string;
  readonly title: string;
  readonly seeds: readonly number[];
  readonly trainNll: Estimate;
  readonly evalNll: Estimate;
  /** Measures of autoencoders. */
  readonly perplexity?: Estimate;
  readonly oneSecondPerplexity?: Estimate;
  readonly codesInUse?: Estimate;
  readonly shuffledNll?: Estimate;
  /** NLL with the decoder's past in random order. */
  readonly shuffledPastNll?: Estimate;
  /** Distance in dB, mean over excerpts. */
  readonly logSpectralDistance?: Estimate;
  readonly loudnessDeviation?: Estimate;
  readonly parameters: number;
  /** Receptive field r, in timesteps. */
  readonly receptiveField: number;
  /** Timesteps that a query of the encoder sees, by the config of the scale; null for a model without encoder. */
  readonly encoderReceptiveField: number | null;
  readonly timesteps: number;
  /** Seconds of the quickest seed: other work on the machine makes a training slower, never quicker. */
  readonly seconds: number;
}

/** The results that a summary reads. */
export type SummarisedRow = Pick<RecordedRow, 'row' | 'seed' | 'measured' | 'reconstructions'>;

/** Summarises the results of each row at one scale over its seeds. */
export function summarise(recorded: readonly SummarisedRow[], scale: Scale): RowSummary[] {
  const ids = [...new Set(recorded.map(({ row }) => row))];
  return ids.map((id) => {
    const rows = recorded.filter(({ row }) => row === id);
    const [{ measured }] = rows;
    const row = rowNamed(id);
    const optional = (name: keyof RowSummary, value: (row: SummarisedRow) => number | null | undefined) => {
      const values = rows.map(value).filter((one) => one !== null && one !== undefined);
      return values.length === 0 ? {} : { [name]: estimate(values) };
    };
    const codes = (name: Exclude<keyof NonNullable<RowOutcome['codes']>, 'histogram'>) =>
      optional(name, (row) => row.measured.codes?.[name]);
    return {
      id,
      title: row.title,
      seeds: rows.map(({ seed }) => seed),
      trainNll: estimate(rows.map((row) => row.measured.trainNll)),
      evalNll: estimate(rows.map((row) => row.measured.evalNll)),
      ...codes('perplexity'),
      ...codes('oneSecondPerplexity'),
      ...codes('codesInUse'),
      ...codes('shuffledNll'),
      ...optional('shuffledPastNll', ({ measured: one }) => one.shuffledPastNll),
      ...optional('logSpectralDistance', (row) => meanOver(row, 'logSpectralDistance')),
      ...optional('loudnessDeviation', (row) => meanOver(row, 'loudnessDeviation')),
      parameters: measured.parameters,
      receptiveField: measured.receptiveField,
      encoderReceptiveField: describeRow(row, scale).encoderReceptiveField,
      timesteps: measured.timesteps,
      seconds: Math.min(...rows.map((row) => row.measured.seconds)),
    };
  });
}

/** Mean of a distance in dB over a row's excerpts; null if none was measured. */
export function meanOver(
  { reconstructions = [] }: Pick<RecordedRow, 'reconstructions'>,
  distance: 'logSpectralDistance' | 'loudnessDeviation',
): number | null {
  const values = reconstructions.map((one) => one[distance]).filter((value) => value !== null);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
