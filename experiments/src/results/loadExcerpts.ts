import { decodeAudioFile } from '@fermata/audio';
import { duration } from '@fermata/core';
import type { Run } from '@fermata/training';

import type { Reconstruction, ReconstructOutcome } from '../jobs';
import type { Row } from '../rows';
import { sequenceBits } from '../sequences';

/** A row with its reconstructions. */
export interface ReconstructedRow {
  readonly row: Row;
  /** The run with the audio. */
  readonly run: Pick<Run, 'file'>;
  readonly outcome: ReconstructOutcome;
}

/** An excerpt of a held-out recording, with its reconstructions by each row. */
export interface Excerpt {
  /** Title of the piece and start of the excerpt: `Chopin: Berceuse, from 2 min 3 s on`. */
  readonly title: string;
  /** Sample rate of all its audio, in Hz. */
  readonly rate: number;
  /** Samples `[time]` in [−1, 1]. */
  readonly original: Float32Array;
  readonly reconstructions: readonly ExcerptReconstruction[];
}

export interface ExcerptReconstruction extends Pick<
  Reconstruction,
  'logSpectralDistance' | 'loudnessDeviation'
> {
  readonly row: Row;
  /** Samples `[time]` in [−1, 1]. */
  readonly samples: Float32Array;
}

/** Loads the audio of reconstructions, grouped by excerpt. @throws UserError for a missing file */
export async function loadExcerpts(rows: readonly ReconstructedRow[], rate: number): Promise<Excerpt[]> {
  // Groups by piece and place, because two performances of a piece share their title, and by bits, which the original
  // has too.
  const excerpts = new Map<string, Excerpt & { reconstructions: ExcerptReconstruction[] }>();
  for (const { row, run, outcome } of rows) {
    for (const one of outcome.excerpts) {
      const { piece, startSeconds, logSpectralDistance, loudnessDeviation } = one;
      const place = `${piece} ${startSeconds} ${sequenceBits(row.sequence)}`;
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
 * Loads the audio that a job wrote, `[time]` in [−1, 1]. Drawn audio may be silent, unlike a recording to learn from.
 *
 * @throws UserError for a missing or damaged file
 */
export async function loadClip(file: string): Promise<Float32Array> {
  const { channels } = await decodeAudioFile(file);
  return channels[0];
}
