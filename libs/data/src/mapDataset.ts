import type { Json, ProgressListener } from '@fermata/core';

import type { PieceInfo, Symbols } from './format';
import type { Dataset } from './reader';
import { DatasetWriter } from './writer';

export interface MapDatasetOptions {
  /** Folder of the new dataset. */
  readonly folder: string;
  /** Size of the new alphabet, up to 65,536; for codes, the size of the codebook. */
  readonly symbols: number;
  /** Number of old symbols per new symbol; for codes, the hop. It divides the rate, if there is one. */
  readonly hop: number;
  /** Identifies how the new dataset is made: a writer continues only a dataset of the same description. */
  readonly description: Json;
  /**
   * Converts the symbols of a piece `[time]` to the new ones, `[time / hop]`, rounded down. A piece that becomes empty
   * is dropped.
   */
  readonly map: (
    symbols: Symbols,
    piece: PieceInfo,
    onProgress: ProgressListener,
  ) => ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Called with the number of processed symbols of the old dataset. */
  readonly onProgress?: ProgressListener;
}

/**
 * Makes a dataset from another, piece by piece: the same pieces and splits, in other symbols. It makes the codes of a
 * dataset with an autoencoder. After an interruption it continues with the first missing piece.
 *
 * @throws UserError if the folder cannot be written
 * @throws RangeError if a symbol is outside the new alphabet
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
