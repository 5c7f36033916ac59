import { basename, join, resolve } from 'node:path';

import { UserError, fingerprint, type Json, type ProgressListener } from '@fermata/core';

import {
  DatasetWriter,
  openOrMake,
  timed,
  splits,
  type Dataset,
  type TimedDataset,
  type SkippedFile,
  type Split,
} from '@fermata/data';
import { RecordingReader, type Codes } from '../recordings';
import {
  measureFiles,
  planSplits,
  skippedBecause,
  withoutDoubles,
  type Failure,
  type Part,
  type Plan,
  type PlannedFile,
} from './plan';
import { findSources, type Sources } from './sources';
import { readLabels } from './tables';

export interface IngestOptions {
  /** Files and folders of recordings (WAV, FLAC, MP3, Ogg Vorbis, Opus) and of MIDI files, which a sampled piano plays. */
  readonly source: string | readonly string[];
  /** Folder of datasets; each has a subfolder, named after its source and its contents. */
  readonly folder: string;
  /** Sample rate in Hz, 16,000 unless given. */
  readonly sampleRate?: number;
  /** Size of the mu-law alphabet, 256 unless given. */
  readonly symbols?: number;
  /** Seed of the draw that assigns pieces to splits. */
  readonly seed?: number;
  /** Most minutes of each split: it takes pieces in an order drawn by seed, and cuts off the last one. */
  readonly minutes?: Readonly<Partial<Record<Split, number>>>;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Increase this if the same files would give other data, so that old datasets are not reused.
const version = 2;

/**
 * Makes a dataset of mu-law codes from recordings and MIDI files, or opens an existing one: while no file has changed
 * (by size and time), it decodes nothing again. Recordings keep their own level.
 *
 * A piece is an entry of a CSV file among the recordings (with optional columns for file, composer, title and split; it
 * knows MAESTRO's names), or else a file. Each piece is in one split, over all sources together (`gatherWorks`). Of
 * pieces without a given split about 80, 10 and 10% go to train, validation and test; of a single piece the last 10% is
 * held out after a gap.
 *
 * Unreadable files are in `skipped` with the reason. After a kill, the next call continues with the next piece.
 *
 * @throws UserError if nothing is usable, a CSV file is wrong, or the folder is not writable
 */
export async function ingest(options: IngestOptions): Promise<TimedDataset> {
  const paths = typeof options.source === 'string' ? [options.source] : options.source;
  const sources = findSources(paths);
  const description = describe(paths, sources, options);
  const name = basename(resolve(paths[0])).replace(/[^\w.-]+/g, '-');
  const folder = join(options.folder, `${name}-${fingerprint(description)}`);
  const dataset = await openOrMake(folder, {
    description,
    make: () => makeDataset(folder, description, paths, sources, options),
    onProgress: options.onProgress,
    signal: options.signal,
  });
  return timed(dataset);
}

async function makeDataset(
  folder: string,
  description: Json,
  paths: readonly string[],
  sources: Sources,
  options: IngestOptions,
): Promise<Dataset> {
  const reader = new RecordingReader();
  try {
    return await planAndWrite(reader, folder, description, paths, sources, options);
  } finally {
    await reader.close();
  }
}

async function planAndWrite(
  reader: RecordingReader,
  folder: string,
  description: Json,
  paths: readonly string[],
  sources: Sources,
  options: IngestOptions,
): Promise<Dataset> {
  const labels = readLabels(sources.tables);
  const { measured, failures } = await measureFiles(sources, labels, reader, options.signal);
  const usable = withoutDoubles(measured, labels);
  const notes = [...labels.notes, ...describeOthers(sources, measured.length - usable.length)];

  // A file may break off while it is decoded. If that leaves a split empty, this plans again without the file.
  for (;;) {
    const known = failures.length;
    const files = usable.filter(({ id }) => !failures.some(({ file }) => file.id === id));
    if (files.length === 0) throw nothingUsable(paths, failures, labels.missing);
    const plan = planSplits(files, options.seed ?? 1);
    const writer = new DatasetWriter(folder, {
      symbols: options.symbols ?? 256,
      rate: options.sampleRate ?? 16000,
      description,
    });
    try {
      failures.push(...(await writePieces(writer, reader, plan, options)));
      if (splits.every((split) => writer.written(split) > 0 || options.minutes?.[split] === 0)) {
        return writer.finish([...failures.map(skippedBecause), ...labels.missing], [...notes, ...plan.notes]);
      }
      if (failures.length === known) throw tooShort(paths);
      writer.discard();
    } finally {
      writer.close();
    }
  }
}

/** Decodes the files of the plan, in order, until each split is full; returns the files that cannot be decoded. */
async function writePieces(
  writer: DatasetWriter,
  reader: RecordingReader,
  plan: Plan,
  options: IngestOptions,
): Promise<Failure[]> {
  const { sampleRate = 16000, symbols = 256, signal, onProgress } = options;
  const reading = { sampleRate, symbols, signal, pianoFolder: join(options.folder, 'piano') };
  const limit = (split: Split) => Math.round((options.minutes?.[split] ?? Infinity) * 60 * sampleRate);
  const room = (split: Split) => limit(split) - writer.written(split);
  const total = expectedSeconds(plan, options);
  const failures: Failure[] = [];
  let done = 0;

  for (const file of plan.files) {
    const parts = file.parts.filter(({ split }) => room(split) > 0);
    if (parts.length === 0) continue;
    const missing = parts.filter(({ split }) => !writer.has(pieceId(file, split)));
    const onDecoded = (seconds: number) =>
      onProgress?.({ stage: 'read', done: Math.min(done + seconds, total), total, detail: file.id });
    if (missing.length > 0) {
      onDecoded(0);
      try {
        const codes = await reader.codes(file.path, { ...reading, onDecoded });
        for (const part of missing) addPart(writer, file, part, codes, room(part.split));
      } catch (error) {
        if (!(error instanceof UserError) || !error.problem.startsWith(`${file.path}:`)) throw error;
        failures.push({ file, error });
      }
    }
    done += file.seconds;
  }
  onProgress?.({ stage: 'read', done: total, total });
  return failures;
}

/** Adds a part of a file, up to the room left. */
function addPart(
  writer: DatasetWriter,
  file: PlannedFile,
  part: Part,
  { codes, notes: remarks }: Codes,
  room: number,
): void {
  const { composer, title, id: source } = file;
  const start = Math.round(part.from * codes.length);
  const end = Math.min(Math.round(part.to * codes.length), start + room);
  if (end === start) return;
  const id = pieceId(file, part.split);
  const labels = {
    ...(composer && { composer }),
    ...(title && { title }),
    ...(remarks.length > 0 && { remarks }),
  };
  writer.add({ id, source, split: part.split, ...labels }, codes.subarray(start, end));
}

function pieceId(file: PlannedFile, split: Split): string {
  return file.parts.length === 1 ? file.id : `${file.id} (${split})`;
}

/** Seconds of all files to decode, up to the limits of `minutes`. */
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

/** Describes everything that determines the contents of the dataset: equal descriptions, equal data. */
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
  if (kinds.length > 0) notes.push(`Files that are not audio were ignored: ${kinds.join(', ')}.`);
  if (doubles > 0)
    notes.push(`MIDI files with a recording of the same performance were ignored: ${doubles}.`);
  return notes;
}

function nothingUsable(
  paths: readonly string[],
  failures: readonly Failure[],
  missing: readonly SkippedFile[],
): UserError {
  const where = paths.join(', ');
  const remedy = 'Name a folder with WAV, FLAC, MP3, Ogg Vorbis, Opus or MIDI files.';
  if (failures.length === 1 && missing.length === 0) return failures[0].error;
  const skipped = [...failures.map(skippedBecause), ...missing];
  if (skipped.length === 0) return new UserError(`${where}: no audio was found.`, remedy);
  const [{ file, reason }] = skipped;
  return new UserError(`${where}: none of ${skipped.length} files can be used (${file}: ${reason}).`, remedy);
}

function tooShort(paths: readonly string[]): UserError {
  return new UserError(
    `${paths.join(', ')}: the music is too short to hold some of it out.`,
    'Add recordings.',
  );
}
