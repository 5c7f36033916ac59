import { basename, join, resolve } from 'node:path';

import { UserError, fingerprint, type Json, type ProgressListener } from '@fermata/core';

import { DatasetWriter, openDatasetOf, splits, type Dataset, type SkippedFile, type Split } from '../dataset';
import { loadWaveform, resample } from '../files';
import { encodeMuLaw } from '../mulaw';
import { Piano, pianoRate, readMidi } from '../music';
import {
  measureFiles,
  planSplits,
  skippedBecause,
  withoutDoubles,
  type Plan,
  type PlannedFile,
} from './plan';
import { findSources, type Sources } from './sources';
import { readLabels } from './tables';

export interface IngestOptions {
  /** Files and folders of recordings (WAV, FLAC, MP3, Ogg Vorbis) and MIDI files, which a sampled piano plays. */
  readonly source: string | readonly string[];
  /** Where datasets are kept: each lies in a folder of its own, named after its source and what is in it. */
  readonly folder: string;
  /** In Hz, 16,000 unless given. */
  readonly sampleRate?: number;
  /** Levels of mu-law, 256 unless given. */
  readonly symbols?: number;
  /** Of the draw that assigns pieces to splits. */
  readonly seed?: number;
  /** At most so many minutes of a split are used: pieces in an order drawn by seed, the last one cut off. */
  readonly minutes?: Readonly<Partial<Record<Split, number>>>;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Raised when the same files would give other data, so that datasets of before are not taken for new ones.
const version = 1;

/**
 * Makes a dataset of mu-law codes from recordings and MIDI files, or opens the one that was made of them before: while
 * no file has changed (by its size and time), nothing is decoded again. Recordings keep their own level.
 *
 * A piece is what a CSV file among the recordings says (columns file, composer, title, split, where there; MAESTRO's own
 * names are known), else a file. One piece is in one split, over all sources together. Where no split is given about
 * 80, 10 and 10% go to train, validation and test; of a single piece the last 10% is held out after a gap.
 *
 * What cannot be read is in `skipped` with the reason. Killed, it goes on with the next piece when it is called again.
 *
 * @throws UserError when nothing can be used, a CSV file is wrong, or the folder cannot be written
 */
export async function ingest(options: IngestOptions): Promise<Dataset> {
  const paths = typeof options.source === 'string' ? [options.source] : options.source;
  const sources = findSources(paths);
  const description = describe(paths, sources, options);
  const name = basename(resolve(paths[0])).replace(/[^\w.-]+/g, '-');
  const folder = join(options.folder, `${name}-${fingerprint(description)}`);
  return (
    openDatasetOf(folder, description) ?? (await makeDataset(folder, description, paths, sources, options))
  );
}

async function makeDataset(
  folder: string,
  description: Json,
  paths: readonly string[],
  sources: Sources,
  options: IngestOptions,
): Promise<Dataset> {
  const labels = readLabels(sources.tables);
  const { measured, failed } = measureFiles(sources, labels);
  const firstError = failed[0]?.error;
  const usable = withoutDoubles(measured, labels);
  const skipped = [...failed.map(({ file, error }) => skippedBecause(file, error)), ...labels.missing];
  const notes = [...labels.notes, ...describeOthers(sources, measured.length - usable.length)];

  // A file may break off while it is decoded. Should that leave a split empty, all is planned again without it.
  const unreadable = new Map<string, SkippedFile>();
  for (;;) {
    const files = usable.filter(({ id }) => !unreadable.has(id));
    if (files.length === 0) throw nothingUsable(paths, [...skipped, ...unreadable.values()], firstError);
    const plan = planSplits(files, options.seed ?? 1);
    const writer = new DatasetWriter(folder, {
      symbols: options.symbols ?? 256,
      rate: options.sampleRate ?? 16000,
      description,
    });
    try {
      const before = unreadable.size;
      await writePieces(writer, plan, options, unreadable);
      const isWhole = splits.every((split) => writer.written(split) > 0);
      if (isWhole) return writer.finish([...skipped, ...unreadable.values()], [...notes, ...plan.notes]);
      if (unreadable.size === before) throw tooShort(paths);
      writer.discard();
    } finally {
      writer.close();
    }
  }
}

/** Decodes the files of the plan, in its order, until each split has what it may have. */
async function writePieces(
  writer: DatasetWriter,
  plan: Plan,
  options: IngestOptions,
  unreadable: Map<string, SkippedFile>,
): Promise<void> {
  const { sampleRate = 16000, symbols = 256, signal, onProgress } = options;
  const limit = (split: Split) => Math.round((options.minutes?.[split] ?? Infinity) * 60 * sampleRate);
  const room = (split: Split) => limit(split) - writer.written(split);
  const total = expectedSeconds(plan, options);
  const player = new Piano(join(options.folder, 'piano'));
  let done = 0;

  for (const file of plan.files) {
    const parts = file.parts.filter(({ split }) => room(split) > 0);
    const wanted = parts.filter(({ split }) => !writer.has(pieceId(file, split)));
    const report = (seconds: number) =>
      onProgress?.({ stage: 'read', done: Math.min(done + seconds, total), total, detail: file.id });
    if (wanted.length > 0) {
      report(0);
      try {
        const waveform = await loadMusic(file, sampleRate, player, { signal, onDecoded: report });
        const codes = encodeMuLaw(waveform, symbols);
        for (const { split, from, to } of wanted) {
          const start = Math.round(from * codes.length);
          const end = Math.min(Math.round(to * codes.length), start + room(split));
          const { composer, title, id: source } = file;
          const info = {
            id: pieceId(file, split),
            source,
            split,
            ...(composer && { composer }),
            ...(title && { title }),
          };
          if (end > start) writer.add(info, codes.subarray(start, end));
        }
      } catch (error) {
        if (!(error instanceof UserError) || !error.problem.startsWith(`${file.path}:`)) throw error;
        unreadable.set(file.id, skippedBecause(file, error));
      }
    }
    if (parts.length > 0) done += file.seconds;
  }
  onProgress?.({ stage: 'read', done: total, total });
}

async function loadMusic(
  file: PlannedFile,
  sampleRate: number,
  player: Piano,
  options: { signal: AbortSignal | undefined; onDecoded: (seconds: number) => void },
): Promise<Float32Array> {
  options.signal?.throwIfAborted();
  if (!file.isMidi) return loadWaveform(file.path, sampleRate, options);
  return resample(await player.render(readMidi(file.path)), pianoRate, sampleRate);
}

function pieceId(file: PlannedFile, split: Split): string {
  return file.parts.length === 1 ? file.id : `${file.id} (${split})`;
}

/** Of all files that will be decoded, before the limits of `minutes` are reached. */
function expectedSeconds({ files }: Plan, { minutes = {} }: IngestOptions): number {
  const room = new Map(splits.map((split) => [split, (minutes[split] ?? Infinity) * 60]));
  let total = 0;
  for (const { seconds, parts } of files) {
    const wanted = parts.filter(({ split }) => room.get(split)! > 0);
    for (const { split, from, to } of wanted) room.set(split, room.get(split)! - (to - from) * seconds);
    if (wanted.length > 0) total += seconds;
  }
  return total;
}

/** All that the contents of the dataset follow from: equal descriptions, equal data. */
function describe(paths: readonly string[], { files, tables }: Sources, options: IngestOptions): Json {
  const { sampleRate = 16000, symbols = 256, seed = 1, minutes = {} } = options;
  const listing = [...files, ...tables].map(({ id, size, changed }) => [id, size, changed]);
  return {
    maker: `ingest ${version}`,
    sources: paths.map((path) => resolve(path)),
    listing: fingerprint(listing),
    sampleRate,
    symbols,
    seed,
    minutes: { ...minutes },
  };
}

function describeOthers({ others }: Sources, doubles: number): string[] {
  const notes: string[] = [];
  const kinds = Object.entries(others).map(
    ([extension, count]) => `${count} ${extension || 'without extension'}`,
  );
  if (kinds.length > 0) notes.push(`Files that are not audio were left alone: ${kinds.join(', ')}.`);
  if (doubles > 0)
    notes.push(`MIDI files of recordings that are there themselves were left alone: ${doubles}.`);
  return notes;
}

function nothingUsable(
  paths: readonly string[],
  skipped: readonly SkippedFile[],
  error: UserError | undefined,
): UserError {
  const where = paths.join(', ');
  if (skipped.length === 0) {
    return new UserError(
      `${where}: there is no audio here.`,
      'Name a folder with WAV, FLAC, MP3, Ogg Vorbis or MIDI files.',
    );
  }
  if (skipped.length === 1 && error !== undefined) return error;
  const [{ file, reason }] = skipped;
  return new UserError(
    `${where}: none of ${skipped.length} files can be used (${file}: ${reason}).`,
    'Name a folder with WAV, FLAC, MP3, Ogg Vorbis or MIDI files.',
  );
}

function tooShort(paths: readonly string[]): UserError {
  return new UserError(
    `${paths.join(', ')}: there is too little music to hold some of it out.`,
    'Add recordings.',
  );
}
