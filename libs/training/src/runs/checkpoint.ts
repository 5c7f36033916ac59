import { asFileError, sha256, UserError, writeFileAtomic } from '@fermata/core';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { decodeSafetensors, encodeSafetensors } from './safetensors';
import type { SafetensorsFile } from './safetensors';

/** The state of a run after `step` steps, complete: going on from it gives the numbers of never having stopped. */
export interface Checkpoint extends SafetensorsFile {
  readonly step: number;
}

const checksumKey = 'sha256';
const unsealed = '0'.repeat(64);
const kept = 2;

/**
 * Writes a checkpoint into the folder, whole or not at all, and then removes all but the two newest. A checksum over
 * the file (itself read as zeros) is in its metadata.
 *
 * @throws UserError when the folder cannot be written or the disk is full; older checkpoints are left as they were
 */
export function saveCheckpoint(folder: string, { step, tensors, metadata }: Checkpoint): void {
  const encoded = encodeSafetensors({ tensors, metadata: { ...metadata, [checksumKey]: unsealed } });
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  bytes.write(sha256(bytes), sealPosition(bytes, unsealed), 'latin1');
  writeFileAtomic(join(folder, `step-${String(step).padStart(9, '0')}.safetensors`), bytes);
  for (const { file } of listCheckpoints(folder).slice(kept)) rmSync(file, { force: true });
}

/**
 * Reads the newest checkpoint of the folder that is whole, or nothing where there is none.
 *
 * @param onWarning hears of each newer one that is damaged and passed over
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

/** The checkpoints of a folder, newest first. */
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

// Where the checksum stands in the header; anywhere, if it is not written as `saveCheckpoint` does.
function sealPosition(bytes: Buffer, checksum: string): number {
  return bytes.indexOf(`"${checksumKey}":"${checksum}"`, 0, 'latin1') + `"${checksumKey}":"`.length;
}
