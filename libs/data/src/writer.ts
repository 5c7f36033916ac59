import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { asFileError, canonicalJson, makeFolder, sha256, writeFileAtomic, type Json } from '@fermata/core';

import {
  contentsFingerprint,
  formatName,
  indexFile,
  journalFile,
  shardFile,
  type DatasetHeader,
  type DatasetIndex,
  type PieceEntry,
  type PieceInfo,
  type SkippedFile,
  type Symbols,
} from './format';
import { openDataset, readSymbols, type Dataset } from './reader';
import { bytesPerSymbol, toSymbols } from './symbols';
import { rememberWritten } from './verify';

// Length in bytes at which the next piece starts a new shard; a piece is never divided.
const shardBytes = 256 * 1024 * 1024;

/**
 * Writes a dataset piece by piece. Each piece is on disk, and noted in a journal, before `add` returns. `finish` writes
 * the index, which makes the folder a dataset. If a writer was killed, a new one for the same folder and header
 * continues after the last whole piece; `has` tells which pieces are there.
 *
 *     const writer = new DatasetWriter(folder, { symbols: 256, rate: 16000, description: { seed: 1 } });
 *     for (const piece of pieces) if (!writer.has(piece.id)) writer.add(piece, encodeMuLaw(render(piece)));
 *     const dataset = writer.finish();
 *
 * Only one writer at a time may work in a folder. It leaves all other files alone.
 */
export class DatasetWriter {
  private readonly entries: PieceEntry[] = [];
  private readonly ids = new Set<string>();
  /** Size of each shard so far, in bytes. */
  private readonly shards: number[] = [];
  private readonly journal: number;
  private shard: number | undefined;
  private isClosed = false;
  private isResumed = false;

  /** @throws UserError if the folder cannot be written */
  constructor(
    readonly folder: string,
    private readonly header: DatasetHeader,
  ) {
    makeFolder(folder);
    try {
      this.resume();
      this.journal = openSync(join(folder, journalFile), 'a');
      if (sizeOf(join(folder, journalFile)) === 0) this.note({ format: formatName, ...header });
    } catch (error) {
      throw asFileError(error, folder);
    }
  }

  /** Checks if this writer, or one that was killed, has written the piece. */
  has(id: string): boolean {
    return this.ids.has(id);
  }

  /** Reads a whole piece that this writer, or one that was killed, has written. @throws RangeError for any other */
  read(id: string): Symbols {
    const entry = this.entries.find((one) => one.id === id);
    if (entry === undefined) throw new RangeError(`the dataset has no piece '${id}' yet`);
    const path = join(this.folder, shardFile(entry.shard));
    const descriptor = openSync(path, 'r');
    try {
      return readSymbols(descriptor, path, this.header.symbols, entry);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Number of symbols written for a split. */
  written(split: PieceInfo['split']): number {
    return this.entries.reduce((sum, entry) => sum + (entry.split === split ? entry.length : 0), 0);
  }

  /**
   * Appends a piece.
   *
   * @param sequence `[time]`, each below the dataset's number of symbols
   * @throws UserError if the disk is full
   * @throws RangeError if the id exists already, the piece is empty, or a symbol is out of range
   */
  add(info: Omit<PieceInfo, 'length'>, sequence: ArrayLike<number>): void {
    if (this.ids.has(info.id)) throw new RangeError(`the dataset has a piece '${info.id}' already`);
    if (sequence.length === 0) throw new RangeError(`piece '${info.id}' is empty`);
    const symbols = this.pack(info.id, sequence);
    const bytes = new Uint8Array(symbols.buffer, symbols.byteOffset, symbols.byteLength);
    try {
      const { shard, descriptor } = this.openShard();
      const entry: PieceEntry = {
        ...info,
        length: symbols.length,
        shard,
        offset: this.shards[shard] / symbols.BYTES_PER_ELEMENT,
        sha256: sha256(bytes),
      };
      writeAt(descriptor, bytes, this.shards[shard]);
      fdatasyncSync(descriptor);
      this.note(entry);
      this.shards[shard] += bytes.length;
      this.entries.push(entry);
      this.ids.add(entry.id);
    } catch (error) {
      throw asFileError(error, this.folder);
    }
  }

  /**
   * Writes the index and opens the dataset.
   *
   * @param skipped files that could not be used
   * @param notes notes on these data for the reader of a report; the remarks on pieces are added
   */
  finish(skipped: readonly SkippedFile[] = [], notes: readonly string[] = []): Dataset {
    this.close();
    const contents = { ...this.header, pieces: this.entries };
    const index: DatasetIndex = {
      format: formatName,
      fingerprint: contentsFingerprint(contents),
      ...this.header,
      shards: this.shards,
      pieces: this.entries,
      skipped,
      notes: [...notes, ...remarksOn(this.entries)],
    };
    writeFileAtomic(join(this.folder, indexFile), `${JSON.stringify(index, undefined, 1)}\n`);
    rmSync(join(this.folder, journalFile), { force: true });
    // Pieces of a writer that was killed are compared with their hashes, those of this one are as it wrote them.
    if (!this.isResumed) rememberWritten(this.folder, index);
    return openDataset(this.folder);
  }

  /** Closes the files. The next writer keeps the added pieces, unless the dataset is finished. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    closeSync(this.journal);
    if (this.shard !== undefined) closeSync(this.shard);
  }

  /** Closes the files; the next writer starts anew. */
  discard(): void {
    this.close();
    rmSync(join(this.folder, journalFile), { force: true });
  }

  // Continues from the journal if it belongs to the same dataset and its shards exist; otherwise starts anew.
  private resume(): void {
    rmSync(join(this.folder, indexFile), { force: true });
    const path = join(this.folder, journalFile);
    const { header, entries, bytes } = readJournal(path);
    const shards: number[] = [];
    for (const { shard, offset, length } of entries) {
      shards[shard] = (offset + length) * bytesPerSymbol(this.header.symbols);
    }
    const isSame = header === canonicalJson({ format: formatName, ...this.header });
    if (isSame && shards.every((size, shard) => sizeOf(join(this.folder, shardFile(shard))) >= size)) {
      // Removes half-written data.
      truncateSync(path, bytes);
      shards.forEach((size, shard) => {
        truncateSync(join(this.folder, shardFile(shard)), size);
      });
      this.shards.push(...shards);
      this.entries.push(...entries);
      for (const { id } of entries) this.ids.add(id);
      this.isResumed = entries.length > 0;
    } else {
      rmSync(path, { force: true });
    }
    const kept = new Set(this.shards.map((_, shard) => shardFile(shard)));
    for (const file of readdirSync(this.folder)) {
      if (/^shard-\d+\.bin$/.test(file) && !kept.has(file)) rmSync(join(this.folder, file));
    }
  }

  private pack(id: string, sequence: ArrayLike<number>): Symbols {
    try {
      return toSymbols(this.header.symbols, sequence);
    } catch (error) {
      throw new RangeError(`piece '${id}': ${(error as Error).message}`, { cause: error });
    }
  }

  private openShard(): { shard: number; descriptor: number } {
    let shard = Math.max(0, this.shards.length - 1);
    if (this.shards[shard] >= shardBytes) {
      shard += 1;
      if (this.shard !== undefined) closeSync(this.shard);
      this.shard = undefined;
    }
    this.shards[shard] ??= 0;
    this.shard ??= openSync(join(this.folder, shardFile(shard)), this.shards[shard] === 0 ? 'w' : 'r+');
    return { shard, descriptor: this.shard };
  }

  private note(line: object): void {
    writeSync(this.journal, `${JSON.stringify(line)}\n`);
    fdatasyncSync(this.journal);
  }
}

// Parts of one source have the same remarks.
function remarksOn(pieces: readonly PieceInfo[]): string[] {
  return [
    ...new Set(
      pieces.flatMap(({ source, remarks = [] }) => remarks.map((remark) => `${source}: ${remark}.`)),
    ),
  ];
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function writeAt(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

/** Reads the whole lines of a journal: the header as canonical JSON, the pieces, and their size in bytes. */
function readJournal(path: string): { header: string | undefined; entries: PieceEntry[]; bytes: number } {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const values: Json[] = [];
  let bytes = 0;
  // A killed writer leaves an unfinished last line; a power failure may leave a line that is not JSON.
  for (const line of text.split('\n').slice(0, -1)) {
    const value = parseJson(line);
    if (value === undefined) break;
    values.push(value);
    bytes += Buffer.byteLength(line) + 1;
  }
  const [header, ...entries] = values;
  return {
    header: values.length === 0 ? undefined : canonicalJson(header),
    entries: entries as unknown as PieceEntry[],
    bytes,
  };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
