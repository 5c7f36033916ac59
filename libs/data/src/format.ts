import type { Json } from '@fermata/core';

/** A sequence of symbols, `[time]`: bytes where there are at most 256 different ones, else 16-bit numbers. */
export type Symbols = Uint8Array | Uint16Array;

/** What a piece is for: fitting, choosing hyper-parameters, or the one final evaluation. */
export type Split = 'train' | 'validation' | 'test';

export const splits: readonly Split[] = ['train', 'validation', 'test'];

/** One unbroken sequence of a dataset: a recording, a rendered performance, or the part of one that was held out. */
export interface PieceInfo {
  /** Unique within the dataset. */
  readonly id: string;
  readonly composer?: string;
  readonly title?: string;
  /** The file it came from, or what made it. */
  readonly source: string;
  readonly split: Split;
  /** In symbols. */
  readonly length: number;
}

/** A file that could not be used, and why. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

/** What a dataset holds and what it was made from. */
export interface DatasetHeader {
  /** Size of the alphabet, up to 65,536: 256 for 8-bit mu-law and for codes of the paper's codebooks. */
  readonly symbols: number;
  /** Symbols per second: 16,000 for the waveform, 2,000 for codes of hop 8. Absent where time is not regular: events. */
  readonly rate?: number;
  /** What it was made from (sources, options): equal descriptions mean that it need not be made again. */
  readonly description: Json;
}

/** Where a piece lies. Offsets are in symbols; 16-bit symbols are little-endian. */
export interface PieceEntry extends PieceInfo {
  readonly shard: number;
  readonly offset: number;
  readonly sha256: string;
}

/** The contents of index.json, written last: a folder without it is not a dataset yet. */
export interface DatasetIndex extends DatasetHeader {
  readonly format: typeof formatName;
  readonly fingerprint: string;
  /** Bytes of each shard. */
  readonly shards: readonly number[];
  readonly pieces: readonly PieceEntry[];
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly string[];
}

/** Changes whenever the layout of the files does. */
export const formatName = 'fermata-dataset-1';
export const indexFile = 'index.json';
/** The pieces written so far, one JSON line each; gone once the index is there. */
export const journalFile = 'journal.jsonl';

/** The file name of a shard: `shard-00003.bin`. */
export function shardFile(shard: number): string {
  return `shard-${String(shard).padStart(5, '0')}.bin`;
}
