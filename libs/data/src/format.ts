import { fingerprint, type Json } from '@fermata/core';

/** Sequence of symbols, `[time]`: bytes for an alphabet of at most 256 symbols, else 16-bit numbers. */
export type Symbols = Uint8Array | Uint16Array;

/** Purpose of a piece: fitting, choosing hyper-parameters, or the one final evaluation. */
export type Split = 'train' | 'validation' | 'test';

export const splits: readonly Split[] = ['train', 'validation', 'test'];

/** Unbroken sequence of a dataset: a recording, a rendered performance, or the held-out part of one. */
export interface PieceInfo {
  /** Identifier, unique within the dataset. */
  readonly id: string;
  readonly composer?: string;
  readonly title?: string;
  /** Source: a file, or a description of its generator. */
  readonly source: string;
  readonly split: Split;
  /** Sentences, without the name of the source and without a full stop, on what was not read as it is written. */
  readonly remarks?: readonly string[];
  /** Length in symbols. */
  readonly length: number;
}

/** File that could not be used, and the reason. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

/** Contents and origin of a dataset. */
export interface DatasetHeader {
  /** Size of the alphabet, up to 65,536: 256 for 8-bit mu-law and for codes of the paper's codebooks. */
  readonly symbols: number;
  /**
   * Symbols per second: 16,000 for the waveform, 2,000 for codes of hop 8. Absent for events, which come at irregular
   * times.
   */
  readonly rate?: number;
  /** Sources and options of the dataset: equal descriptions mean that it need not be made again. */
  readonly description: Json;
}

/** Location of a piece. Offsets are in symbols; 16-bit symbols are little-endian. */
export interface PieceEntry extends PieceInfo {
  readonly shard: number;
  readonly offset: number;
  readonly sha256: string;
}

/** Contents of index.json, which is written last: a folder without it is not yet a dataset. */
export interface DatasetIndex extends DatasetHeader {
  readonly format: typeof formatName;
  readonly fingerprint: string;
  /** Size of each shard, in bytes. */
  readonly shards: readonly number[];
  readonly pieces: readonly PieceEntry[];
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly string[];
}

/** Version of the files' layout. */
export const formatName = 'fermata-dataset-1';
export const indexFile = 'index.json';
/** Size and time of each shard when its pieces had their SHA-256. */
export const verifiedFile = 'verified.json';
/** Journal of the pieces written so far, one JSON line each; deleted once the index exists. */
export const journalFile = 'journal.jsonl';

/** File name of a shard: `shard-00003.bin`. */
export function shardFile(shard: number): string {
  return `shard-${String(shard).padStart(5, '0')}.bin`;
}

/** Hash of the contents alone: the same music under another path, or ingested on another day, is the same data. */
export function contentsFingerprint({
  symbols,
  rate,
  pieces,
}: Pick<DatasetIndex, 'symbols' | 'rate' | 'pieces'>): string {
  return fingerprint({
    symbols,
    ...(rate !== undefined && { rate }),
    pieces: pieces.map(({ sha256, split, length }) => ({ sha256, split, length })),
  });
}
