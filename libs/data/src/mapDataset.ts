import type { Json, ProgressListener } from '@fermata/core';

import type { PieceInfo, Symbols } from './format';
import type { Dataset } from './reader';
import { DatasetWriter } from './writer';

export interface MapDatasetOptions {
  /** Folder of the new dataset. */
  readonly folder: string;
  /** Size of the new alphabet, up to 65,536: of codes, the size of the codebook. */
  readonly symbols: number;
  /** Symbols of the old sequences for each of the new: of codes, the hop. Divides the rate, where there is one. */
  readonly hop: number;
  /** Identifies how the new dataset is made: a writer goes on only with one of the same description. */
  readonly description: Json;
  /**
   * Turns the symbols of a piece `[time]` into the new ones, `[time / hop]`, rounded down. A piece of which nothing is
   * left is dropped.
   */
  readonly map: (
    symbols: Symbols,
    piece: PieceInfo,
    onProgress: ProgressListener,
  ) => ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Called with the symbols of the old dataset that are done. */
  readonly onProgress?: ProgressListener;
}

/**
 * Makes a dataset from another, piece by piece: the same pieces in the same splits, in other symbols. An autoencoder's
 * codes of a dataset are made like this. Interrupted, it goes on with the first piece that is missing.
 *
 * @throws UserError when the folder cannot be written
 * @throws RangeError for a symbol outside the new alphabet
 */
export async function mapDataset(source: Dataset, options: MapDatasetOptions): Promise<Dataset> {
  const { folder, symbols, hop, description, map, onProgress } = options;
  const rate = source.rate === undefined ? {} : { rate: source.rate / hop };
  const writer = new DatasetWriter(folder, { symbols, ...rate, description });
  try {
    const total = source.pieces.reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    for (const piece of source.pieces) {
      if (!writer.has(piece.id)) {
        const before = done;
        const onPart: ProgressListener = (progress) => {
          onProgress?.({ ...progress, done: before + progress.done, total });
        };
        const mapped = await map(source.read(piece), piece, onPart);
        if (mapped.length > 0) writer.add(piece, mapped);
      }
      done += piece.length;
    }
    return writer.finish(source.skipped, source.notes);
  } finally {
    writer.close();
  }
}
