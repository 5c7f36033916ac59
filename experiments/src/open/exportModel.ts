import { join } from 'node:path';

import { claimOutputFolder, makeFolder, readHead, writeFileAtomic } from '@fermata/core';
import { writeWeightsFile, type StoredFormat } from '@fermata/training';

import { exportedFiles, levelFolder, openModel, type ModelName, type OpenedModel } from './openModel';

// The format stands in the first line of a card.
const headBytes = 100;

/**
 * Writes a model's weights and its card into a folder, and the levels below into subfolders: everything needed to use
 * the model elsewhere.
 *
 * @param format format of the weights: `bf16` halves the size and rounds to 8 significant bits
 * @returns the files written
 * @throws UserError for an unknown run, and for a folder that is not writable or holds anything but an exported model
 */
export async function exportModel(
  name: ModelName,
  folder: string,
  format: StoredFormat = 'float32',
): Promise<string[]> {
  const opened = openModel(name);
  try {
    claimOutputFolder(folder, 'Choose another folder.', (path) =>
      readHead(join(path, exportedFiles.card), headBytes).includes('"fermata-model-'),
    );
    return await writeOpened(opened, folder, format);
  } finally {
    opened.dispose();
  }
}

async function writeOpened(opened: OpenedModel, folder: string, format: StoredFormat): Promise<string[]> {
  const { card, model, below } = opened;
  const files = { card: join(folder, exportedFiles.card), weights: join(folder, exportedFiles.weights) };
  makeFolder(folder);
  await writeWeightsFile(files.weights, model, format, { run: card.run, row: card.row });
  // The card comes last: a folder without it is not a model.
  writeFileAtomic(files.card, `${JSON.stringify(card, null, 2)}\n`);
  const written = [files.card, files.weights];
  for (const [index, level] of below.entries()) {
    written.push(...(await writeOpened(level, levelFolder(folder, index + 1), format)));
  }
  return written;
}
