import { decodeAudioFile } from '@fermata/audio';
import { duration } from '@fermata/core';
import type { Run } from '@fermata/training';

import type { Reconstruction, ReconstructOutcome } from '../jobs/reconstructExcerpts';
import type { Row } from '../row';
import { audioSymbols } from '../table-1/base';

/** What reconstructing with a row came to. */
export interface ReconstructedRow {
  readonly row: Row;
  /** That has the audio. */
  readonly run: Pick<Run, 'file'>;
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
  // By piece and place, since two performances of a piece share their title; and by levels, which the original has, too.
  const excerpts = new Map<string, Excerpt & { reconstructions: ExcerptReconstruction[] }>();
  for (const { row, run, outcome } of rows) {
    for (const one of outcome.excerpts) {
      const { piece, startSeconds, logSpectralDistance, loudnessDeviation } = one;
      const place = `${piece} ${startSeconds} ${row.levels ?? audioSymbols}`;
      const excerpt = excerpts.get(place) ?? {
        title: `${one.title}, from ${duration(startSeconds)} on`,
        rate,
        original: await loadClip(run.file(one.original)),
        reconstructions: [],
      };
      excerpts.set(place, excerpt);
      const samples = await loadClip(run.file(one.reconstruction));
      excerpt.reconstructions.push({ row, samples, logSpectralDistance, loudnessDeviation });
    }
  }
  return [...excerpts.values()];
}

/**
 * The audio that a job wrote, `[time]` in [−1, 1]. What a model drew may be silent, which a recording to learn from may
 * not be. @throws UserError for a file that is gone or damaged
 */
export async function loadClip(file: string): Promise<Float32Array> {
  const { channels } = await decodeAudioFile(file);
  return channels[0];
}
