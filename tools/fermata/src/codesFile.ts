import { audioRate, levelsOfOpened, type OpenedModel } from '@fermata/experiments';
import { asFileError, parseSettings, requireWritableFile, UserError } from '@fermata/core';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { z } from 'zod';

import { requireOther, userPath } from './paths';

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

/**
 * Target of a command's codes: a new file, or one of codes to write over.
 *
 * @param inputs files that the command reads
 * @throws UserError for a file that the command reads, for a name of audio, for a file of another kind, and for a place
 *   that is not writable
 */
export function codesTarget(out: string, inputs: readonly string[]): string {
  const path = userPath(out);
  requireOther(path, inputs);
  if (isAudioName(path)) {
    throw new UserError(`${path}: this is a name of audio, but codes are JSON.`, 'End the name in .json.');
  }
  requireWritableFile(path, 'Choose another place for the codes.');
  if (existsSync(path) && !beginsLikeCodes(path)) {
    throw new UserError(
      `${path}: this file holds no codes, and would be written over.`,
      'Choose another place for the codes.',
    );
  }
  return path;
}

function isAudioName(path: string): boolean {
  return /\.(wav|wave|flac|mp3|ogg|oga|opus|m4a|aac|aiff?|midi?)$/i.test(path);
}

function beginsLikeCodes(path: string): boolean {
  const head = Buffer.alloc(8);
  try {
    const descriptor = openSync(path, 'r');
    try {
      const length = readSync(descriptor, head, 0, head.length, 0);
      return length === 0 || '{"row":"'.startsWith(head.toString('latin1', 0, length));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** Prints codes of an opened model as the text of a file. */
export function writeCodes(opened: OpenedModel, codes: Int32Array): string {
  const { row, run } = opened.card;
  const hop = levelsOfOpened(opened).reduce((product, level) => product * level.hop, 1);
  const codebookSize = opened.model.codebookSize!;
  return `${JSON.stringify({ row, run, hop, codebookSize, rate: audioRate, codes: [...codes] } satisfies CodesFile)}\n`;
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
