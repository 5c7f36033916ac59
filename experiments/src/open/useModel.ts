import { loadCodes } from '@fermata/audio';
import { UserError, type ProgressListener } from '@fermata/core';
import { encodeLevels, type DrawOptions } from '@fermata/models';

import { reconstructThrough } from '../jobs';
import { describeModel } from '../models';
import { audioRate } from '../rows';
import { noSettings, settingsByLevel, type LevelSettings } from './levelSettings';
import { levelsOfOpened, type OpenedModel } from './openModel';
import { requireRole } from './role';

interface Listeners {
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/**
 * Reads a recording as mu-law symbols `[time]` of a model's level 1.
 *
 * @param options.seconds length from the beginning; all if left out
 * @throws UserError for a recording that is unreadable or shorter than one code of the highest level
 */
export async function openRecording(
  { card, model, below }: OpenedModel,
  path: string,
  { seconds = Infinity, signal }: { readonly seconds?: number | undefined; readonly signal: AbortSignal },
): Promise<Int32Array> {
  const { codes } = await loadCodes(path, {
    sampleRate: audioRate,
    symbols: 2 ** card.bits,
    seconds,
    signal,
  });
  const hop = [model, ...below.map((level) => level.model)].reduce((product, one) => product * one.hop, 1);
  if (codes.length < hop) {
    throw new UserError(
      `${path}: a code of #${card.row} stands for ${hop} samples at 16 kHz, but there are ${codes.length}.`,
      codes.length < Math.round(seconds * audioRate) ? 'Choose a longer recording.' : 'Give more --seconds.',
    );
  }
  return Int32Array.from(codes);
}

/**
 * Encodes audio to the codes of an opened autoencoder, through the levels below.
 *
 * @param symbols mu-law symbols `[time]`
 * @throws UserError for a model without codes
 */
export async function encodeRecording(
  opened: OpenedModel,
  symbols: Int32Array,
  options: Listeners,
): Promise<Int32Array> {
  requireRole(`Row ${opened.card.row}`, describeModel(opened.card.model), 'codes');
  const codes = await encodeLevels(levelsOfOpened(opened), symbols, options);
  return codes[codes.length - 1];
}

/**
 * Reconstructs audio through an opened autoencoder and the levels below it (section 4.1).
 *
 * @param symbols mu-law symbols `[time]`; it drops a tail shorter than a code of the highest level
 * @throws UserError if the model is not an autoencoder
 */
export async function reconstructRecording(
  opened: OpenedModel,
  symbols: Int32Array,
  {
    settings = noSettings,
    ...options
  }: Pick<DrawOptions, 'key'> & Listeners & { readonly settings?: LevelSettings },
): Promise<Int32Array> {
  requireRole(`Row ${opened.card.row}`, describeModel(opened.card.model), 'reconstruction');
  const levels = levelsOfOpened(opened, settingsByLevel(opened, settings));
  const hop = levels.reduce((product, level) => product * level.hop, 1);
  const length = Math.floor(symbols.length / hop) * hop;
  return reconstructThrough(levels, symbols.subarray(0, length), { ...settings.all, ...options });
}
