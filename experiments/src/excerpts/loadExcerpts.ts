import { loadWaveform } from '@fermata/audio';
import { duration } from '@fermata/core';
import type { Run } from '@fermata/training';

import type { Reconstruction, ReconstructOutcome } from '../jobs/reconstructExcerpts';
import type { Row } from '../row';

/** What reconstructing with a row came to. */
export interface ReconstructedRow {
  readonly row: Row;
  /** That has the audio. */
  readonly run: Run;
  readonly outcome: ReconstructOutcome;
}

/** An excerpt of a held-out recording, and what rows make of it. */
export interface Excerpt {
  /** The piece and where in it: `Chopin: Berceuse, from 2 min 3 s on`. */
  readonly title: string;
  /** In Hz, of all of its audio. */
  readonly rate: number;
  /** `[time]` in [−1, 1]. */
  readonly original: Float32Array;
  readonly reconstructions: readonly ExcerptReconstruction[];
}

export interface ExcerptReconstruction extends Pick<
  Reconstruction,
  'logSpectralDistance' | 'loudnessDeviation'
> {
  readonly row: Row;
  /** `[time]` in [−1, 1]. */
  readonly samples: Float32Array;
}

/** The audio of reconstructions, those of the same excerpt together. @throws UserError for a file that is gone */
export async function loadExcerpts(rows: readonly ReconstructedRow[], rate: number): Promise<Excerpt[]> {
  const excerpts = new Map<string, { original: Float32Array; reconstructions: ExcerptReconstruction[] }>();
  for (const { row, run, outcome } of rows) {
    for (const one of outcome.excerpts) {
      const title = `${one.title}, from ${duration(one.startSeconds)} on`;
      const excerpt = excerpts.get(title) ?? {
        original: await loadWaveform(run.file(one.original), rate),
        reconstructions: [],
      };
      excerpts.set(title, excerpt);
      const { logSpectralDistance, loudnessDeviation } = one;
      const samples = await loadWaveform(run.file(one.reconstruction), rate);
      excerpt.reconstructions.push({ row, samples, logSpectralDistance, loudnessDeviation });
    }
  }
  return [...excerpts].map(([title, excerpt]) => ({ title, rate, ...excerpt }));
}
