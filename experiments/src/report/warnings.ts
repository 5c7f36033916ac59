import type { TimedDataset } from '@fermata/data';

import { describeShortSplits } from '../jobs';
import { describeRow } from '../rows';
import type { Scale } from '../scales';
import { hardlyLearnt } from './hardlyLearnt';
import type { PaperResults } from './results';

/** A reason to distrust a report, worded for newcomers. */
export interface ReportWarning {
  readonly title: string;
  readonly text: string;
  /** The next step. */
  readonly advice: string;
}

// A codebook that uses less than an eighth of its codes has collapsed.
const collapsedShare = 1 / 8;

/** Warnings about the results of a report, worst first. */
export function warningsOf(
  results: Pick<PaperResults, 'rows' | 'profiles'>,
  dataset: TimedDataset,
  scale: Scale,
): ReportWarning[] {
  return [...warnOfSplits(dataset), ...warnOfNoLearning(results), ...warnOfCollapse(results, scale)];
}

function warnOfSplits(dataset: TimedDataset): ReportWarning[] {
  const lengths = describeShortSplits(dataset);
  if (lengths === undefined) return [];
  return [
    {
      title: 'A part of the music is too short',
      text: `Models learn from the train split and are measured on the test split. These splits have little music: ${lengths}. Numbers measured on so little mean nothing.`,
      advice: 'Add recordings, or name the split of each piece in a CSV file beside them (docs/guide.md).',
    },
  ];
}

function warnOfNoLearning(results: Pick<PaperResults, 'rows' | 'profiles'>): ReportWarning[] {
  const lines = hardlyLearnt(results);
  if (lines.length === 0) return [];
  return [
    {
      title: 'Some models have hardly learnt',
      text: `They predict the next sample little better than a model without any input, so their music is noise. ${lines.join('. ')}.`,
      advice:
        'Train longer at a larger scale (npm start -- --scale small), or give more music. The numbers below say nothing about the paper.',
    },
  ];
}

function warnOfCollapse({ rows }: Pick<PaperResults, 'rows'>, scale: Scale): ReportWarning[] {
  const collapsed = rows.flatMap(({ row, outcome: { codes } }) => {
    const { codebookSize } = describeRow(row, scale);
    if (codes === undefined || codebookSize === null) return [];
    const { codesInUse } = codes;
    return codesInUse < collapsedShare * codebookSize
      ? [`#${row.id} uses ${codesInUse} of its ${codebookSize} codes`]
      : [];
  });
  if (collapsed.length === 0) return [];
  return [
    {
      title: 'A codebook has collapsed',
      text: `An autoencoder describes music by codes. These use few of theirs, so their codes carry little information: ${collapsed.join('; ')}.`,
      advice:
        'Train with a lower learning rate, with restarts of unused codes (--set quantiser.restartBelow=0.5), or use an AMAE (#1.4, #1.5).',
    },
  ];
}
