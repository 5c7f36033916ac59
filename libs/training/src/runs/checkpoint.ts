import { asFileError, sha256, UserError, writeFileAtomic } from '@fermata/core';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { decodeSafetensors, encodeSafetensors } from './safetensors';
import type { SafetensorsFile } from './safetensors';

/** Complete state of a run after `step` steps: continuing from it gives the same numbers as an uninterrupted run. */
export interface Checkpoint extends SafetensorsFile {
  readonly step: number;
}

const checksumKey = 'sha256';
const unsealed = '0'.repeat(64);
const kept = 2;

/**
 * Writes a checkpoint into the folder atomically, and then removes all but the two newest. Its metadata hold a checksum
 * over the file, with the checksum itself read as zeros.
 *
 * @throws UserError if the folder cannot be written or the disk is full; older checkpoints stay
 */
export function saveCheckpoint(folder: string, { step, tensors, metadata }: Checkpoint): void {
  const encoded = encodeSafetensors({ tensors, metadata: { ...metadata, [checksumKey]: unsealed } });
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  bytes.write(sha256(bytes), sealPosition(bytes, unsealed), 'latin1');
  writeFileAtomic(join(folder, `step-${String(step).padStart(9, '0')}.safetensors`), bytes);
  for (const { file } of listCheckpoints(folder).slice(kept)) rmSync(file, { force: true });
}

/**
 * Reads the newest intact checkpoint of the folder; undefined if there is none.
 *
 * @param onWarning called for each newer checkpoint that is damaged and skipped
 */
export function loadNewestCheckpoint(
  folder: string,
  onWarning: (message: string) => void,
): Checkpoint | undefined {
  const checkpoints = listCheckpoints(folder);
  for (const [index, { file, step }] of checkpoints.entries()) {
    try {
      return { step, ...readCheckpoint(file) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const before = checkpoints.at(index + 1)?.step;
      const instead =
        before === undefined ? 'There is none before it.' : `Going back to that of step ${before}.`;
      onWarning(`${error.problem} ${instead}`);
    }
  }
  return undefined;
}

/** The step of the newest checkpoint of the folder, whole or not; 0 where there is none. */
export function newestStep(folder: string): number {
  return listCheckpoints(folder).at(0)?.step ?? 0;
}

/** Removes checkpoints of later steps than `step`, and what a process killed while writing has left. */
export function removeCheckpointsAfter(folder: string, step: number): void {
  for (const checkpoint of listCheckpoints(folder)) {
    if (checkpoint.step > step) rmSync(checkpoint.file, { force: true });
  }
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
  }
}

/** Checkpoints of a folder, newest first. */
function listCheckpoints(folder: string): { file: string; step: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const step = /^step-(\d+)\.safetensors$/.exec(name)?.[1];
      return step === undefined ? [] : [{ file: join(folder, name), step: Number(step) }];
    })
    .sort((a, b) => b.step - a.step);
}

function readCheckpoint(file: string): SafetensorsFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw asFileError(error, file);
  }
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const { [checksumKey]: checksum = unsealed, ...rest } = metadata;
  bytes.write(unsealed, sealPosition(bytes, checksum), 'latin1');
  if (sha256(bytes) !== checksum) {
    throw new UserError(`${file}: the checksum does not match.`, `Delete ${basename(file)}.`);
  }
  return { tensors, metadata: rest };
}

// Position of the checksum in the header; arbitrary if the file differs from the form that `saveCheckpoint` writes.
function sealPosition(bytes: Buffer, checksum: string): number {
  return bytes.indexOf(`"${checksumKey}":"${checksum}"`, 0, 'latin1') + `"${checksumKey}":"`.length;
}
