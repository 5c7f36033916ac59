import type { Symbols } from '@fermata/data';

import { audioSeconds, monoBlocks, Resampler } from '../files';
import { isMidi } from '../files/otherFormats';
import { SourceFile } from '../files/source';
import { performanceLength, Piano, pianoRate, readMidi, type Performance } from '../music';
import { CodeBuffer } from './codeBuffer';

/** A recording, or a MIDI file that a sampled piano plays. */
export interface Measured {
  readonly isMidi: boolean;
  /** Length in seconds, an estimate from the headers. */
  readonly seconds: number;
}

export interface CodesOptions {
  /** In Hz. */
  readonly sampleRate: number;
  /** Size of the mu-law alphabet. */
  readonly symbols: number;
  /** Folder for the piano's samples. MIDI files are refused without it. */
  readonly pianoFolder?: string | undefined;
  /** Length from the beginning, in seconds; all unless given. */
  readonly seconds?: number | undefined;
  /** Called with the number of seconds read. */
  readonly onDecoded?: ((seconds: number) => void) | undefined;
}

export interface Codes {
  /** `[time]`, mu-law codes. */
  readonly codes: Symbols;
  /** Sentences, without the name of the file, about everything that was not read as it is written. */
  readonly notes: readonly string[];
}

/** Reads the header of a recording, or a whole MIDI file. @throws UserError if it cannot be used */
export function measureRecording(path: string): Measured {
  return beginsLikeMidi(path)
    ? { isMidi: true, seconds: performanceLength(readMidi(path)) }
    : { isMidi: false, seconds: audioSeconds(path) };
}

/**
 * Reads a recording, or plays a MIDI file, as mu-law codes. Memory: a byte for each code, or two beyond 256 symbols.
 *
 * @throws UserError if it cannot be used
 */
export async function readCodes(path: string, options: CodesOptions): Promise<Codes> {
  const { sampleRate, symbols, pianoFolder, onDecoded, seconds = Infinity } = options;
  const length = Math.round(seconds * sampleRate);
  const performance = pianoFolder !== undefined && beginsLikeMidi(path) ? readMidi(path) : undefined;
  const notes = [...(performance?.remarks ?? [])];
  const expected = performance === undefined ? audioSeconds(path) : performanceLength(performance);
  const codes = new CodeBuffer(symbols, Math.ceil(Math.min(expected, seconds) * sampleRate));
  const blocks = performance
    ? play(performance, sampleRate, pianoFolder!)
    : monoBlocks(path, sampleRate, {
        onNote: (note) => notes.push(note),
        onRestart: () => {
          codes.clear();
        },
      });
  for await (const block of blocks) {
    codes.add(block);
    onDecoded?.(codes.length / sampleRate);
    if (codes.length >= length) break;
  }
  return { codes: codes.whole().subarray(0, length), notes };
}

async function* play(
  performance: Performance,
  sampleRate: number,
  pianoFolder: string,
): AsyncGenerator<Float32Array> {
  const resampler = new Resampler(pianoRate, sampleRate);
  for await (const block of new Piano(pianoFolder).renderBlocks(performance)) yield resampler.push(block);
  yield resampler.end();
}

function beginsLikeMidi(path: string): boolean {
  const file = new SourceFile(path);
  try {
    return isMidi(file.read(0, 12));
  } finally {
    file.close();
  }
}
