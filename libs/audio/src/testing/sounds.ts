import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { UserError } from '@fermata/core';

import { concatenate, decodeAudioFile, monoBlocks } from '../files';

const goldens = join(__dirname, '../../../../tools/goldens/audio/sounds');

/** Bytes of a golden file. */
export function sound(name: string): Buffer {
  return readFileSync(join(goldens, name));
}

/** Files of a spec, in a folder that is removed after its tests. */
export function temporaryFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'fermata-sounds-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  let count = 0;

  /** Writes a file and returns its path. */
  function file(bytes: Uint8Array, name = `${count++}.audio`): string {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  return {
    folder,
    file,
    /** First channel of a file with these bytes, `[time]`. */
    async samplesOf(bytes: Uint8Array): Promise<Float32Array> {
      return (await decodeAudioFile(file(bytes))).channels[0];
    },
    /** The problem of a file with these bytes, without its path. */
    async problemOf(bytes: Uint8Array): Promise<string> {
      const path = file(bytes);
      const error = (await mono(path).catch((reason: unknown) => reason)) as UserError;
      return error.problem.replace(`${path}: `, '');
    },
  };
}

/** The whole of a recording, as a model hears it: `[time]`. */
export async function mono(
  path: string,
  sampleRate = 16000,
  options: Parameters<typeof monoBlocks>[2] = {},
): Promise<Float32Array> {
  let blocks: Float32Array[] = [];
  const onRestart = () => {
    blocks = [];
  };
  for await (const block of monoBlocks(path, sampleRate, { ...options, onRestart })) blocks.push(block);
  return concatenate(blocks);
}
