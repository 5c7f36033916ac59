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
  type Symbols,
} from '@fermata/data';
import { loadWaveform, resample } from '../files';
import { encodeMuLaw } from '../mulaw';
import { Piano, pianoRate, readMidi } from '../music';
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
const version = 2;

/**
 * Makes a dataset of mu-law codes from recordings and MIDI files, or opens the one that was made of them before: while
 * no file has changed (by its size and time), nothing is decoded again. Recordings keep their own level.
 *
 * A piece is what a CSV file among the recordings says (columns file, composer, title, split, where there; MAESTRO's own
 * names are known), else a file. One piece is in one split, over all sources together (`gatherWorks`). Where no split is given about
 * 80, 10 and 10% go to train, validation and test; of a single piece the last 10% is held out after a gap.
 *
 * What cannot be read is in `skipped` with the reason. Killed, it goes on with the next piece when it is called again.
 *
 * @throws UserError when nothing can be used, a CSV file is wrong, or the folder cannot be written
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
  const labels = readLabels(sources.tables);
  const { measured, failures } = measureFiles(sources, labels);
  const usable = withoutDoubles(measured, labels);
  const notes = [...labels.notes, ...describeOthers(sources, measured.length - usable.length)];

  // A file may break off while it is decoded. Should that leave a split empty, all is planned again without it.
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
      failures.push(...(await writePieces(writer, plan, options)));
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

/** Decodes the files of the plan, in its order, until each split has what it may have; returns what cannot be decoded. */
async function writePieces(writer: DatasetWriter, plan: Plan, options: IngestOptions): Promise<Failure[]> {
  const { sampleRate = 16000, symbols = 256, signal, onProgress } = options;
  const limit = (split: Split) => Math.round((options.minutes?.[split] ?? Infinity) * 60 * sampleRate);
  const room = (split: Split) => limit(split) - writer.written(split);
  const total = expectedSeconds(plan, options);
  const player = new Piano(join(options.folder, 'piano'));
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
        const codes = encodeMuLaw(await loadMusic(file, sampleRate, player, { signal, onDecoded }), symbols);
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

/** Adds a part of a file, and of that no more than there is room for. */
function addPart(writer: DatasetWriter, file: PlannedFile, part: Part, codes: Symbols, room: number): void {
  const { composer, title, id: source } = file;
  const start = Math.round(part.from * codes.length);
  const end = Math.min(Math.round(part.to * codes.length), start + room);
  if (end === start) return;
  const id = pieceId(file, part.split);
  const labels = { ...(composer && { composer }), ...(title && { title }) };
  writer.add({ id, source, split: part.split, ...labels }, codes.subarray(start, end));
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
  failures: readonly Failure[],
  missing: readonly SkippedFile[],
): UserError {
  const where = paths.join(', ');
  const remedy = 'Name a folder with WAV, FLAC, MP3, Ogg Vorbis or MIDI files.';
  if (failures.length === 1 && missing.length === 0) return failures[0].error;
  const skipped = [...failures.map(skippedBecause), ...missing];
  if (skipped.length === 0) return new UserError(`${where}: there is no audio here.`, remedy);
  const [{ file, reason }] = skipped;
  return new UserError(`${where}: none of ${skipped.length} files can be used (${file}: ${reason}).`, remedy);
}

function tooShort(paths: readonly string[]): UserError {
  return new UserError(
    `${paths.join(', ')}: there is too little music to hold some of it out.`,
    'Add recordings.',
  );
}
