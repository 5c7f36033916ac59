import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  UserError,
  asFileError,
  fingerprint,
  fold,
  randomKey,
  writeFileAtomic,
  type ProgressListener,
} from '@fermata/core';

import {
  DatasetWriter,
  openOrMake,
  timed,
  type Dataset,
  type TimedDataset,
  type PieceInfo,
  type Split,
} from '@fermata/data';
import { encodeMuLaw } from '../mulaw';
import { composePiece, type Piece } from './compose';
import { performanceLength } from './performance';
import { Piano, pianoRate } from './piano';

export interface BuiltInCorpusOptions {
  /** Minimum length of the music, in minutes: the last piece is played to its end. */
  readonly minutes: number;
  /** Seed of the pieces. */
  readonly seed?: number;
  /** Size of the mu-law alphabet, 256 by default. */
  readonly symbols?: number;
  /** Folder for datasets and the piano's samples, each in a folder of its own. */
  readonly folder: string;
  readonly onProgress?: ProgressListener | undefined;
  /** Called with a sentence on data that were made before and are damaged; they are made again. */
  readonly onDamaged?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Raise this when the same seed gives other pieces.
const version = 1;
const shares: Readonly<Record<Split, number>> = { train: 0.8, validation: 0.1, test: 0.1 };

/**
 * Makes a dataset without any external data: pieces composed from a seed and played on the sampled piano, as mu-law at
 * 16 kHz. About 80, 10 and 10% of the time go to train, validation and test, in whole pieces, at least one each. If it
 * lasts more than a quarter of an hour, a longer corpus of the same seed begins with the same pieces.
 *
 * The notes of each piece are stored beside the audio: see {@link readPiece}. The corpus is made once; after an
 * interruption the next call continues with the next piece.
 *
 * @throws UserError if the minutes are not a positive number, or if the folder cannot be written
 */
export async function builtInCorpus(options: BuiltInCorpusOptions): Promise<TimedDataset> {
  const { minutes, seed = 1, symbols = 256, onProgress, onDamaged, signal } = options;
  if (!(minutes > 0 && Number.isFinite(minutes))) {
    throw new UserError(`minutes: a corpus cannot last ${minutes} minutes.`, 'Give a number above 0.');
  }
  const piano = new Piano(join(options.folder, 'piano'));
  const alphabet = symbols === 256 ? {} : { symbols };
  const description = { corpus: 'built-in', version, piano: piano.fingerprint, minutes, seed, ...alphabet };
  const folder = join(options.folder, `built-in-${minutes}-minutes-${fingerprint(description)}`);
  const make = async (): Promise<Dataset> => {
    const writer = new DatasetWriter(folder, { symbols, rate: pianoRate, description });
    try {
      await writePieces(writer, piano, { ...options, seed, symbols });
      return writer.finish([], [salamanderCredit]);
    } finally {
      writer.close();
    }
  };
  return timed(await openOrMake(folder, { description, make, onProgress, onDamaged, signal }));
}

/** Composes and plays until every split has music and the total is reached; existing pieces are kept. */
async function writePieces(
  writer: DatasetWriter,
  piano: Piano,
  options: BuiltInCorpusOptions & { readonly seed: number; readonly symbols: number },
): Promise<void> {
  const { minutes, seed, symbols, onProgress, signal } = options;
  const seconds: Record<Split, number> = { train: 0, validation: 0, test: 0 };
  const total = minutes * 60;
  for (let index = 0, done = 0; done < total || Math.min(...Object.values(seconds)) === 0; index++) {
    signal?.throwIfAborted();
    const piece = composePiece(fold(fold(randomKey('built-in corpus'), seed), index), {
      seconds: lengthsFor(minutes),
    });
    const id = `piece-${String(index + 1).padStart(5, '0')}`;
    onProgress?.({ stage: 'compose and play', done: Math.min(done, total), total, detail: piece.title });
    const split = mostWanted(seconds);
    if (!writer.has(id)) {
      const waveform = await piano.render(piece);
      writeFileAtomic(notesFile(writer.folder, id), `${JSON.stringify(piece)}\n`);
      const source = `seed ${seed}, piece ${index + 1}`;
      writer.add(
        { id, composer: 'Fermata', title: piece.title, source, split },
        encodeMuLaw(waveform, symbols),
      );
    }
    seconds[split] += performanceLength(piece);
    done += performanceLength(piece);
  }
  onProgress?.({ stage: 'compose and play', done: total, total });
}

const salamanderCredit =
  'Composed by Fermata; piano samples: Salamander Grand Piano by Alexander Holm, CC BY 3.0.';

/**
 * Reads the notes, form and motif of a piece of the built-in corpus.
 *
 * @throws UserError if the dataset is not the built-in corpus, or if the file is missing
 */
export function readPiece(dataset: Dataset, piece: PieceInfo): Piece {
  const path = notesFile(dataset.folder, piece.id);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Piece;
  } catch (error) {
    throw asFileError(error, path);
  }
}

function notesFile(folder: string, id: string): string {
  return join(folder, 'notes', `${id}.json`);
}

/** Range of lengths, in seconds: shorter pieces in a short corpus, so that each split gets its share. */
function lengthsFor(minutes: number): [from: number, to: number] {
  const shortest = Math.min(40, 15 * minutes);
  return [shortest, Math.max(shortest, Math.min(120, 7.5 * minutes))];
}

/** The split that is farthest behind its share; at first each gets one piece. */
export function mostWanted(seconds: Readonly<Record<Split, number>>): Split {
  const empty = (Object.keys(shares) as Split[]).find((split) => seconds[split] === 0);
  if (empty !== undefined) return empty;
  const total = seconds.train + seconds.validation + seconds.test;
  const behind = (split: Split): number => shares[split] * total - seconds[split];
  return (Object.keys(shares) as Split[]).reduce((most, split) =>
    behind(split) > behind(most) ? split : most,
  );
}
