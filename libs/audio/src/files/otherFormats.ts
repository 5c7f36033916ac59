import { extname } from 'node:path';

import { UserError } from '@fermata/core';

// Signatures of formats that Fermata does not read, and of data that are no audio at all.
const signatures: readonly { readonly at: number; readonly magic: string; readonly kind: string }[] = [
  { at: 4, magic: 'ftyp', kind: 'MPEG-4 audio (M4A, AAC)' },
  { at: 0, magic: '\xff\xf1', kind: 'AAC' },
  { at: 0, magic: '\xff\xf9', kind: 'AAC' },
  { at: 0, magic: 'ADIF', kind: 'AAC' },
  { at: 0, magic: '\xff\xfd', kind: 'MPEG audio layer II (MP2)' },
  { at: 0, magic: '\xff\xfc', kind: 'MPEG audio layer II (MP2)' },
  { at: 0, magic: '\xff\xf5', kind: 'MPEG audio layer II (MP2)' },
  { at: 0, magic: '\xff\xf4', kind: 'MPEG audio layer II (MP2)' },
  { at: 8, magic: 'AIF', kind: 'AIFF' },
  { at: 0, magic: 'caff', kind: 'Core Audio Format' },
  { at: 0, magic: '\x30\x26\xb2\x75', kind: 'Windows Media Audio' },
  { at: 0, magic: 'MAC ', kind: "Monkey's Audio" },
  { at: 0, magic: 'wvpk', kind: 'WavPack' },
  { at: 0, magic: '\x1a\x45\xdf\xa3', kind: 'Matroska or WebM' },
  { at: 0, magic: '.snd', kind: 'Sun audio (AU)' },
  { at: 0, magic: '\x0b\x77', kind: 'Dolby Digital (AC-3)' },
  { at: 0, magic: 'TTA1', kind: 'True Audio' },
  { at: 0, magic: 'TTA2', kind: 'True Audio' },
  { at: 0, magic: 'riff\x2e\x91\xcf\x11', kind: 'Sony Wave64' },
  { at: 0, magic: 'Creative Voice File', kind: 'Creative Voice' },
  { at: 0, magic: 'DSD ', kind: 'DSD' },
  { at: 0, magic: 'FRM8', kind: 'DSDIFF' },
  { at: 0, magic: 'ajkg', kind: 'Shorten' },
  { at: 0, magic: 'MPCK', kind: 'Musepack' },
  { at: 0, magic: 'MP+', kind: 'Musepack' },
  { at: 0, magic: 'tBaK', kind: 'TAK' },
  { at: 0, magic: '#!AMR', kind: 'AMR' },
  { at: 0, magic: '\x7f\xfe\x80\x01', kind: 'DTS' },
  { at: 0, magic: 'OptimFROG', kind: 'OptimFROG' },
  { at: 0, magic: '.RMF', kind: 'RealMedia' },
  { at: 0, magic: '.ra\xfd', kind: 'RealAudio' },
  { at: 8, magic: 'AVI ', kind: 'AVI' },
  { at: 0, magic: 'FLV\x01', kind: 'Flash video' },
  { at: 0, magic: '\x00\x00\x01\xba', kind: 'MPEG video' },
];

/** Kind of a file of another format, known by its first bytes; undefined if it is unknown. */
export function otherFormat(head: Buffer): string | undefined {
  return signatures.find(({ at, magic }) => head.toString('latin1', at, at + magic.length) === magic)?.kind;
}

/** True for a standard MIDI file, or one within RIFF. */
export function isMidi(head: Buffer): boolean {
  return /^(MThd|RIFF....RMID)/s.test(head.toString('latin1', 0, 12));
}

/** Beginning of the remedy for a file that a command converts. */
export const convertIt = 'Convert it';

/** The error for audio in a format that Fermata does not read, with the command that converts the file. */
export function unsupported(path: string, what: string): UserError {
  return new UserError(
    `${path}: ${what} is not supported.`,
    `${convertIt} to WAV, FLAC, MP3, Ogg Vorbis or Opus: ${conversion(path)}`,
  );
}

/** The command that converts a recording to WAV with FFmpeg, for a shell. */
export function conversion(path: string): string {
  const extension = extname(path);
  const stem = extension === '' ? path : path.slice(0, -extension.length);
  const target = extension.toLowerCase() === '.wav' ? `${stem}-pcm.wav` : `${stem}.wav`;
  return `ffmpeg -i ${quoted(path)} ${quoted(target)}`;
}

/** A path for a shell. One that begins with - would be an option. */
export function quoted(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  return /^[\w./:\\@%+,-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", String.raw`'\''`)}'`;
}
