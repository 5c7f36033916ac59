import { audioRate, levelsOfOpened, type OpenedModel } from '@fermata/experiments';
import { asFileError, parseSettings, readHead, UserError } from '@fermata/core';
import type { SymbolArray } from '@fermata/models';
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
export type CodesFile = Omit<z.output<typeof codesFile>, 'codes'> & { readonly codes: SymbolArray };

/** Prints codes of an opened model as the text of a file, in parts: an hour of codes is long. */
export function* writeCodes(opened: OpenedModel, codes: SymbolArray): Generator<string> {
  const { row, run } = opened.card;
  const hop = levelsOfOpened(opened).reduce((product, level) => product * level.hop, 1);
  const codebookSize = opened.model.codebookSize!;
  const facts = { row, run, hop, codebookSize, rate: audioRate } satisfies Omit<CodesFile, 'codes'>;
  yield `${JSON.stringify(facts).slice(0, -1)},"codes":[`;
  for (let first = 0; first < codes.length; first += codesPerPart) {
    yield `${first === 0 ? '' : ','}${codes.subarray(first, first + codesPerPart).join(',')}`;
  }
  yield ']}\n';
}

const codesPerPart = 8192;

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
 * Reads a file of codes. Hours of them are read as numbers of a byte or two, not as JSON.
 *
 * @throws UserError for a file that is unreadable, holds no codes, or has a code outside its codebook
 */
export function readCodes(path: string): CodesFile {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    throw asFileError(error, path);
  }
  const list = codesIn(text);
  const facts =
    list === undefined ? text : [text.subarray(0, list.from), '0', text.subarray(list.to)].join('');
  let json: unknown;
  try {
    json = JSON.parse(facts.toString());
  } catch {
    throw new UserError(`${path}: not JSON.`, 'Give a file that `fermata encode` wrote.');
  }
  const found = parseSettings(codesFile, json, path);
  return {
    ...found,
    codes: list === undefined ? checked(found, path) : parsed(text.subarray(list.from, list.to), found, path),
  };
}

type Facts = Pick<z.output<typeof codesFile>, 'codes' | 'codebookSize'>;

function checked({ codes, codebookSize }: Facts, path: string): SymbolArray {
  const wrong = codes.find((code) => code >= codebookSize);
  if (wrong !== undefined) throw outside(wrong, codebookSize, path);
  return Int32Array.from(codes);
}

/** Parses digits separated by commas. */
function parsed(digits: Buffer, { codebookSize }: Facts, path: string): SymbolArray {
  const count = digits.reduce((sum, byte) => sum + (byte === comma ? 1 : 0), 1);
  const codes = codebookSize <= 256 ? new Uint8Array(count) : new Int32Array(count);
  let index = 0;
  let code = 0;
  for (let at = 0; at <= digits.length; at++) {
    if (at < digits.length && digits[at] !== comma) {
      code = 10 * code + digits[at] - 0x30;
      continue;
    }
    if (code >= codebookSize) throw outside(code, codebookSize, path);
    codes[index++] = code;
    code = 0;
  }
  return codes;
}

function outside(code: number, codebookSize: number, path: string): UserError {
  return new UserError(
    `${path}: code ${code} is outside its codebook of ${codebookSize}.`,
    'Give a file that `fermata encode` wrote.',
  );
}

/** Place of the list of codes in the text of a file; undefined unless it holds whole numbers alone. */
function codesIn(text: Buffer): { from: number; to: number } | undefined {
  const key = text.lastIndexOf('"codes"');
  if (key < 0) return undefined;
  const from = text.indexOf('[', key) + 1;
  const to = text.indexOf(']', from);
  const isKey = /^\s*:\s*$/.test(text.toString('latin1', key + '"codes"'.length, from - 1));
  const list = text.subarray(from, to);
  const isList = isKey && list.every(isOfIntegers) && !list.includes(',,');
  return isList && isDigit(list[0]) && isDigit(list[list.length - 1]) ? { from, to } : undefined;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const comma = 0x2c;
const isOfIntegers = (byte: number): boolean => isDigit(byte) || byte === comma;

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
