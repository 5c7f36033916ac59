import { audioRate, levelsOfOpened, type OpenedModel } from '@fermata/experiments';
import { asFileError, parseSettings, readHead, UserError } from '@fermata/core';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A file of codes, as written by `fermata encode`. */
const codesFile = z.object({
  row: z.string().describe('row of the autoencoder'),
  run: z.string().describe('run of the autoencoder'),
  hop: z.int().min(1).describe('samples of audio for each code'),
  codebookSize: z.int().min(1).describe('size of the codebook'),
  rate: z.number().gt(0).describe('sample rate of the audio, in Hz'),
  codes: z.array(z.int().min(0)).min(1).describe('codes, in time'),
});
export type CodesFile = z.output<typeof codesFile>;

/** Prints codes of an opened model as the text of a file. */
export function writeCodes(opened: OpenedModel, codes: Int32Array): string {
  const { row, run } = opened.card;
  const hop = levelsOfOpened(opened).reduce((product, level) => product * level.hop, 1);
  const codebookSize = opened.model.codebookSize!;
  return `${JSON.stringify({ row, run, hop, codebookSize, rate: audioRate, codes: [...codes] } satisfies CodesFile)}\n`;
}

/** Tells whether a file holds codes that `fermata encode` wrote. */
export function isCodesFile(path: string): boolean {
  const start = Buffer.from('{"row":');
  // Any other file may be too large to be read as a whole.
  if (!readHead(path, start.length).equals(start)) return false;
  try {
    readCodes(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a file of codes.
 *
 * @throws UserError for a file that is unreadable, holds no codes, or has a code outside its codebook
 */
export function readCodes(path: string): CodesFile {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw asFileError(error, path);
    throw new UserError(`${path}: not JSON.`, 'Give a file that `fermata encode` wrote.');
  }
  const found = parseSettings(codesFile, json, path);
  const wrong = found.codes.find((code) => code >= found.codebookSize);
  if (wrong !== undefined) {
    throw new UserError(
      `${path}: code ${wrong} is outside its codebook of ${found.codebookSize}.`,
      'Give a file that `fermata encode` wrote.',
    );
  }
  return found;
}

/** @throws UserError for codes of a run or a codebook that differs from the opened model's */
export function requireCodesOf(
  path: string,
  { row, run, codebookSize }: CodesFile,
  level: OpenedModel,
): void {
  if (run === level.card.run) return;
  throw new UserError(
    `${path}: holds codes of #${row}, run ${run} (codebook size ${codebookSize}), not of run ${level.card.run}.`,
    `Choose the model with --run ${run}, or encode the recording again.`,
  );
}
