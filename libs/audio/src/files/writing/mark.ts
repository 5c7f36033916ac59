import { readHead } from '@fermata/core';

/** Name of the program, as the fields for it in audio files have it. */
const program = 'Fermata';

/** Chunk of a WAV file that names the program: a list of information with the field "software" (RIFF, INFO, ISFT). */
export const wavMark = chunk(
  'LIST',
  Buffer.concat([Buffer.from('INFO'), chunk('ISFT', Buffer.from(`${program}\0`))]),
);

/** Tag before an MP3 file that names the program: ID3, version 2.4, with the field "software" (TSSE) in UTF-8. */
export const mp3Mark = id3(`\x03${program}`);

/** Serial number of the stream in an Ogg file. Other programs draw theirs at random among 4 billion. */
export const oggMark = 0x46726d61; // "Frma"

/** Comment of a FLAC file that names the program (RFC 9639, section 8.6). */
export const flacMark = `ENCODER=${program}`;

// The marks lie within so many bytes from the beginning of a file.
const headBytes = 512;

/** Tells from the first bytes of an audio file whether Fermata wrote it. */
export function isMarked(head: Buffer): boolean {
  const magic = head.toString('latin1', 0, 4);
  if (magic === 'RIFF' || magic === 'RF64') return head.includes(wavMark.subarray(12));
  if (magic === 'fLaC') return head.includes(flacMark);
  if (magic === 'OggS') return head.length >= 18 && head.readUInt32LE(14) === oggMark;
  return magic.startsWith('ID3') && head.includes(mp3Mark.subarray(10));
}

/** Tells whether Fermata wrote a file of audio; false for any other file, and for one that cannot be read. */
export function isMarkedFile(path: string): boolean {
  return isMarked(readHead(path, headBytes));
}

function chunk(id: string, data: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  header.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, data]);
}

// Sizes take seven bits of each byte; these are small enough for the last byte.
function id3(software: string): Buffer {
  const frame = Buffer.concat([
    Buffer.from('TSSE\0\0\0'),
    Buffer.of(software.length, 0, 0),
    Buffer.from(software, 'latin1'),
  ]);
  return Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0'), Buffer.of(frame.length), frame]);
}
