import { meanOver } from '../results';
import type { RecordedRow } from '../results';
import type { PaperNumbers } from '../rows';

/** A number measured in each training of a row. */
export interface Measure {
  /** Name for machines: `evalNll`. */
  readonly name: string;
  readonly title: string;
  /** Quantity; measures of one quantity share an axis. */
  readonly quantity: 'NLL' | 'rise of NLL' | 'perplexity' | 'log-spectral distance' | 'loudness deviation';
  /** Unit; absent for a count. */
  readonly unit?: 'nats' | 'dB';
  /** Value for a training; undefined if the training did not measure it. */
  of(row: RecordedRow): number | undefined;
  /** The paper's number; undefined if it prints none. */
  paper?(numbers: PaperNumbers): number | undefined;
}

/** A measure of a row, over its seeds. */
export interface Quantity {
  readonly row: string;
  readonly measure: Measure;
}

/** NLL in nats per timestep, over the whole scored part of the test split. */
export const evalNll = quantity({
  name: 'evalNll',
  title: 'eval NLL',
  quantity: 'NLL',
  unit: 'nats',
  of: ({ measured }) => measured.evalNll,
  paper: (numbers) => numbers.evalNll,
});

/** NLL in nats per timestep, over an equally large part of the training split. */
export const trainNll = quantity({
  name: 'trainNll',
  title: 'train NLL',
  quantity: 'NLL',
  unit: 'nats',
  of: ({ measured }) => measured.trainNll,
  paper: (numbers) => numbers.trainNll,
});

/** Exponential of the codes' entropy, over the whole test split. */
export const perplexity = quantity({
  name: 'perplexity',
  title: 'perplexity',
  quantity: 'perplexity',
  of: ({ measured }) => measured.codes?.perplexity,
  paper: (numbers) => numbers.perplexity,
});

/** A note on the two measures of excerpts. */
export const sameExcerpts = 'Every seed reconstructs the same excerpts: the interval does not cover others.';

/** Log-spectral distance of reconstructions, mean over the excerpts. */
export const spectralDistance = quantity({
  name: 'logSpectralDistance',
  title: 'log-spectral distance',
  quantity: 'log-spectral distance',
  unit: 'dB',
  of: (row) => meanOver(row, 'logSpectralDistance') ?? undefined,
});

/** Deviation of the loudness of reconstructions, mean over the excerpts. */
export const loudnessDeviation = quantity({
  name: 'loudnessDeviation',
  title: 'loudness deviation',
  quantity: 'loudness deviation',
  unit: 'dB',
  of: (row) => meanOver(row, 'loudnessDeviation') ?? undefined,
});

/** Rise of the eval NLL when the decoder's own past is shuffled: a measure of its use of the past. */
export const useOfPast = quantity({
  name: 'shuffledPastNll-evalNll',
  title: 'rise of NLL, past shuffled',
  quantity: 'rise of NLL',
  unit: 'nats',
  of: ({ measured: { shuffledPastNll, evalNll: nll } }) =>
    shuffledPastNll === undefined ? undefined : shuffledPastNll - nll,
});

function quantity(measure: Measure): (row: string) => Quantity {
  return (row) => ({ row, measure });
}
