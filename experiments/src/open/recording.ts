import { loadCodes } from '@fermata/audio';
import { UserError } from '@fermata/core';
import type { SymbolArray } from '@fermata/models';

import { audioRate } from '../rows';
import type { OpenedModel } from './openModel';

export interface OpenRecordingOptions {
  /** Length from the beginning, in seconds; all if left out. */
  readonly seconds?: number | undefined;
  readonly signal: AbortSignal;
  /** Called with each remark on the recording, a sentence without its name and without a full stop. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * Reads a recording as mu-law symbols `[time]` of a model's level 1. An hour of 8-bit symbols takes 58 MB.
 *
 * @throws UserError for a recording that is unreadable, silent, or shorter than one code of the highest level
 */
export async function openRecording(
  { card, model, below }: OpenedModel,
  path: string,
  { seconds = Infinity, signal, onNote }: OpenRecordingOptions,
): Promise<SymbolArray> {
  const symbols = 2 ** card.bits;
  const { codes, notes } = await loadCodes(path, { sampleRate: audioRate, symbols, seconds, signal });
  const hop = [model, ...below.map((level) => level.model)].reduce((product, one) => product * one.hop, 1);
  if (codes.length < hop) {
    throw new UserError(
      `${path}: a code of #${card.row} stands for ${hop} samples at 16 kHz, but there are ${codes.length}.`,
      seconds * audioRate < hop ? 'Give more --seconds.' : 'Choose a longer recording.',
    );
  }
  for (const note of notes) onNote?.(note);
  return codes;
}
