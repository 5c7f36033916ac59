import { meanOver } from '../results/summary';
import type { RecordedRow } from '../results/recordedRow';
import type { PaperNumbers } from '../row';

/** A number that each training of a row gives. */
export interface Measure {
  /** Its name for machines: `evalNll`. */
  readonly name: string;
  readonly title: string;
  /** What it is a number of: what may be drawn along one axis. */
  readonly quantity: 'NLL' | 'rise of NLL' | 'perplexity' | 'log-spectral distance' | 'loudness deviation';
  /** Absent where it is a count. */
  readonly unit?: 'nats' | 'dB';
  /** Undefined where a training did not measure it. */
  of(row: RecordedRow): number | undefined;
  /** What the paper prints, where it does. */
  paper?(numbers: PaperNumbers): number | undefined;
}

/** A measure of a row, over its seeds. */
export interface Quantity {
  readonly row: string;
  readonly measure: Measure;
}

/** In nats per timestep, over all that is scored of the test split. */
export const evalNll = quantity({
  name: 'evalNll',
  title: 'eval NLL',
  quantity: 'NLL',
  unit: 'nats',
  of: ({ measured }) => measured.evalNll,
  paper: (numbers) => numbers.evalNll,
});

/** In nats per timestep, over as much of the training split. */
export const trainNll = quantity({
  name: 'trainNll',
  title: 'train NLL',
  quantity: 'NLL',
  unit: 'nats',
  of: ({ measured }) => measured.trainNll,
  paper: (numbers) => numbers.trainNll,
});

/** The exponential of the codes' entropy, over the whole test split. */
export const perplexity = quantity({
  name: 'perplexity',
  title: 'perplexity',
  quantity: 'perplexity',
  of: ({ measured }) => measured.codes?.perplexity,
  paper: (numbers) => numbers.perplexity,
});

/** What to know of the two that follow. */
export const sameExcerpts =
  'Every seed reconstructs the same excerpts: the interval knows nothing of others.';

/** Of an excerpt and its reconstruction, mean over the excerpts. */
export const spectralDistance = quantity({
  name: 'logSpectralDistance',
  title: 'log-spectral distance',
  quantity: 'log-spectral distance',
  unit: 'dB',
  of: (row) => meanOver(row, 'logSpectralDistance') ?? undefined,
});

/** How much the loudness of a reconstruction wanders against its original, mean over the excerpts. */
export const loudnessDeviation = quantity({
  name: 'loudnessDeviation',
  title: 'loudness deviation',
  quantity: 'loudness deviation',
  unit: 'dB',
  of: (row) => meanOver(row, 'loudnessDeviation') ?? undefined,
});

/** By how much the eval NLL rises when the decoder's own past is shuffled: how much it listens to that. */
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
