import { basename, join, resolve } from 'node:path';

import { UserError, fingerprint, type Json, type ProgressListener } from '@fermata/core';

import {
  DatasetWriter,
  openOrMake,
  timed,
  splits,
  withRemarks,
  type Dataset,
  type Symbols,
  type TimedDataset,
  type Split,
} from '@fermata/data';
import { RecordingReader, type Codes } from '../recordings';
import { copyOf, describeCopies, findCopies, paddingSeconds, withoutCopies, type Copy } from './copies';
import { LeftOut } from './leftOut';
import {
  measureFiles,
  planSplits,
  skippedBecause,
  type Failure,
  type Part,
  type Plan,
  type PlannedFile,
} from './plan';
import { KnownSounds } from './sounds';
import { byFile, describeOthers, nothingUsable, tooShort } from './remarks';
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
  /** Called with a sentence on data that were made before and are damaged; they are made again. */
  readonly onDamaged?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Increase this if the same files would give other data, so that old datasets are not reused.
const version = 3;

/**
 * Makes a dataset of mu-law codes from recordings and MIDI files, or opens an existing one: while no file has changed
 * (by size and time), it decodes nothing again. Recordings keep their own level.
 *
 * A piece is an entry of a CSV file among the recordings (with optional columns for file, composer, title and split; it
 * knows MAESTRO's names), or else a file. Each piece is in one split, over all sources together (`gatherWorks`). Of
 * pieces without a given split about 80, 10 and 10% go to train, validation and test; of a single piece the last 10% is
 * held out after a gap.
 *
 * A performance counts once, whatever the number of its files: the same bytes, the same sound in two formats, a recording
 * beside its MIDI file (`findCopies`, `KnownSounds`). Everything that Fermata wrote is left out. Both are in `notes`;
 * unreadable files are in `skipped` with the reason. After a kill, the next call continues with the next piece.
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
    onDamaged: options.onDamaged,
    signal: options.signal,
  });
  // The sources may have changed in what the dataset does not depend on.
  return timed(
    withRemarks(dataset, {
      skipped: [...sources.skipped, ...dataset.skipped].sort(byFile),
      notes: [...describeOthers(sources), ...dataset.notes],
    }),
  );
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
  const labels = readLabels(sources);
  const { measured, failures } = await measureFiles(sources, labels, reader, options.signal);
  const known = findCopies(measured, labels);
  const leftOut = new LeftOut(folder, measured);

  // Only decoding shows that a file breaks off, or that it is a copy of another. Without it the plan is another one.
  for (;;) {
    const broken = new Set(leftOut.failures.map(({ file }) => file.id));
    const copies = [...known, ...leftOut.copies].filter(({ of }) => !broken.has(of));
    const usable = withoutCopies(
      measured.filter(({ id }) => !broken.has(id)),
      copies,
    );
    const skipped = [...[...failures, ...leftOut.failures].map(skippedBecause), ...labels.missing];
    if (usable.files.length === 0) {
      throw nothingUsable(
        paths,
        [...failures, ...leftOut.failures],
        [...sources.skipped, ...skipped],
        sources.outputs,
      );
    }
    const plan = planSplits(usable.files, options.seed ?? 1, [...labels.notes, ...usable.notes]);
    const writer = new DatasetWriter(folder, {
      symbols: options.symbols ?? 256,
      rate: options.sampleRate ?? 16000,
      description,
    });
    try {
      const found = await writePieces(writer, reader, plan, options);
      leftOut.failures.push(...found.failures);
      leftOut.copies.push(...found.copies);
      const hasAll = splits.every((split) => writer.written(split) > 0 || options.minutes?.[split] === 0);
      const hasCopy = found.failures.some(({ file }) => copies.some(({ of }) => of === file.id));
      if (hasAll && !hasCopy && found.copies.length === 0) {
        const notes = [...labels.notes, ...usable.notes, ...describeCopies(copies, measured), ...plan.notes];
        const lately = found.failures.map(skippedBecause);
        const dataset = writer.finish([...skipped, ...lately].sort(byFile), notes);
        leftOut.remove();
        return dataset;
      }
      if (found.failures.length + found.copies.length === 0) throw tooShort(paths);
      writer.discard();
      leftOut.keep();
    } finally {
      writer.close();
    }
  }
}

/**
 * Decodes the files of the plan, in order, until each split is full.
 *
 * @returns the files that cannot be decoded, and those that sound like another
 */
async function writePieces(
  writer: DatasetWriter,
  reader: RecordingReader,
  plan: Plan,
  options: IngestOptions,
): Promise<Pick<LeftOut, 'failures' | 'copies'>> {
  const { sampleRate = 16000, symbols = 256, signal, onProgress } = options;
  const reading = { sampleRate, symbols, signal, pianoFolder: join(options.folder, 'piano') };
  const limit = (split: Split) => Math.round((options.minutes?.[split] ?? Infinity) * 60 * sampleRate);
  const room = (split: Split) => limit(split) - writer.written(split);
  const total = expectedSeconds(plan, options);
  const sounds = new KnownSounds(sampleRate, symbols);
  const byId = new Map(plan.files.map((file) => [file.id, file]));
  const failures: Failure[] = [];
  const copies: Copy[] = [];
  let done = 0;

  for (const file of plan.files) {
    const written = file.parts.filter(({ split }) => writer.has(pieceId(file, split)));
    const missing = file.parts.filter((part) => !written.includes(part) && room(part.split) > 0);
    if (written.length + missing.length === 0) continue;
    const onDecoded = (seconds: number) =>
      onProgress?.({ stage: 'read', done: Math.min(done + seconds, total), total, detail: file.id });
    try {
      const before = wholeOf(writer, file, sampleRate);
      if (before === undefined) onDecoded(0);
      const music = before ?? (await reader.codes(file.path, { ...reading, onDecoded }));
      const { codes } = music;
      const isWhole =
        before !== undefined ||
        (file.parts.length === 1 && missing.some(({ split }) => room(split) >= codes.length));
      const same = sounds.findOrAdd(file.id, codes, isWhole ? onDisk(writer, file) : inMemory(codes));
      if (same !== undefined) copies.push(copyOf(file, byId.get(same)!));
      else for (const part of missing) addPart(writer, file, part, music, room(part.split));
    } catch (error) {
      if (!(error instanceof UserError) || !error.problem.startsWith(`${file.path}:`)) throw error;
      failures.push({ file, error });
    }
    done += file.seconds;
  }
  onProgress?.({ stage: 'read', done: total, total });
  return { failures, copies };
}

/** The codes of a file that is written as a whole, so that it need not be decoded to compare others with it. */
function wholeOf(writer: DatasetWriter, file: PlannedFile, sampleRate: number): Codes | undefined {
  const [{ split }] = file.parts;
  if (file.parts.length > 1 || !writer.has(pieceId(file, split))) return undefined;
  const codes = writer.read(pieceId(file, split));
  return Math.abs(codes.length / sampleRate - file.seconds) <= paddingSeconds
    ? { codes, notes: [] }
    : undefined;
}

// Two functions, so that the first does not keep the codes in memory.
function onDisk(writer: DatasetWriter, file: PlannedFile): () => Symbols {
  return () => writer.read(pieceId(file, file.parts[0].split));
}

function inMemory(codes: Symbols): () => Symbols {
  return () => codes;
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
