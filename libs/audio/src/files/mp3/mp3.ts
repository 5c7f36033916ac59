import { UserError } from '@fermata/core';

import { damaged, decodeWith, type AudioBlock, type ReadableFormat } from '../format';
import { convertIt, quoted } from '../otherFormats';
import { partOf, type Source } from '../source';
import { parseFrame, type MpegFrame } from './frame';
import { frameRuns, type FrameRun } from './frames';

/** MPEG audio, layer III, decoded by mpg123 in WebAssembly, which removes the encoder's padding at both ends. */
export const mp3: ReadableFormat = {
  name: 'MP3',
  // Recorders of streams begin within a frame, and others put data before the first.
  recognises: (head, source) =>
    parseFrame(head, 0) !== undefined ||
    firstRun(partOf(source, 0, Math.min(source.size, searched))) !== undefined,
  length(source) {
    const { first, position, samples } = readFirstFrame(source);
    if (samples !== undefined) return { seconds: samples / first.sampleRate, exact: true };
    return { seconds: ((source.size - position) * 8) / first.bitRate, exact: false };
  },
  decode: decodeMp3,
};

// Bytes of the beginning among which a first frame is looked for.
const searched = 1 << 17;

async function* decodeMp3(source: Source): AsyncGenerator<AudioBlock> {
  readFirstFrame(source);
  const { MPEGDecoder } = await import('mpg123-decoder');
  yield* decodeWith(new MPEGDecoder(), framesAlone(source), source.path);
}

/** The frames of a file, run by run. @throws UserError if more than a second of it is something else */
function* framesAlone(source: Source): Generator<Uint8Array> {
  let position = 0;
  for (const { first, junk, bytes, ...run } of frameRuns(source)) {
    if (position > 0 && junk > first.bitRate / 8) {
      throw damaged(source.path, `the ${junk} bytes from byte ${position} on are not MPEG audio`);
    }
    position = run.position + bytes.length;
    yield bytes;
  }
}

function firstRun(source: Source): FrameRun | undefined {
  const next = frameRuns(source).next();
  return next.done === true ? undefined : next.value;
}

/** Reads the first frame, and the length of the music if the file records it. */
function readFirstFrame(source: Source): {
  first: MpegFrame;
  position: number;
  samples: number | undefined;
} {
  const run = firstRun(source);
  if (run === undefined) throw damaged(source.path, 'there is no MP3 audio in the file');
  const { first, position, bytes } = run;
  if (first.bitRate === 0) {
    throw new UserError(
      `${source.path}: MP3 in free format is not supported.`,
      `${convertIt} with LAME: lame --decode ${quoted(source.path)}`,
    );
  }
  const header = bytes.subarray(first.sideInformationEnd, first.bytes);
  return { first, position, samples: readSamples(header, first) };
}

// Encoders record in the first frame how many frames follow, and the silence before and after the music.
function readSamples(header: Buffer, frame: MpegFrame): number | undefined {
  const hasFrames = /^(Xing|Info)$/.test(header.toString('latin1', 0, 4)) && (header[7] & 1) !== 0;
  const hasSilence = /^(LAME|Lav[cf])/.test(header.toString('latin1', 120, 124)) && header.length >= 144;
  if (!hasFrames || !hasSilence) return undefined;
  const silence = header.readUIntBE(141, 3);
  const samples = header.readUInt32BE(8) * frame.samples - (silence >> 12) - (silence & 0xfff);
  return samples >= 0 ? samples : undefined;
}
