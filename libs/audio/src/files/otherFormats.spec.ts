import { UserError } from '@fermata/core';

import { decodeAudioFile } from '.';
import { temporaryFiles } from '../testing/sounds';
import { conversion } from './otherFormats';

const { file } = temporaryFiles();

async function errorOf(head: string): Promise<UserError> {
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from([1, 2, 3, 0, 255])]);
  return (await decodeAudioFile(file(bytes, 'take.snd')).catch((error: unknown) => error)) as UserError;
}

describe('audio in another format', () => {
  it.each([
    ['\0\0\0\x20ftypM4A ', 'MPEG-4 audio (M4A, AAC)'],
    ['\xff\xf1\x50\x80', 'AAC'],
    ['FORM\0\0\0\x20AIFF', 'AIFF'],
    ['\x0b\x77', 'Dolby Digital (AC-3)'],
    ['TTA1', 'True Audio'],
    ['riff\x2e\x91\xcf\x11', 'Sony Wave64'],
    ['Creative Voice File\x1a', 'Creative Voice'],
    ['\x1a\x45\xdf\xa3', 'Matroska or WebM'],
    ['wvpk', 'WavPack'],
    ['#!AMR\n', 'AMR'],
  ])('is named, with the command that converts it (%j)', async (head, kind) => {
    const { problem, remedy } = await errorOf(head);
    expect(problem).toMatch(/take\.snd: .* is not supported\.$/);
    expect(problem).toContain(kind);
    expect(remedy).toMatch(/: ffmpeg -i \S+take\.snd \S+take\.wav$/);
  });
});

describe('the command that converts a recording', () => {
  it.each([
    ['take.m4a', 'ffmpeg -i take.m4a take.wav'],
    ['my take.m4a', "ffmpeg -i 'my take.m4a' 'my take.wav'"],
    ["it's.opus", String.raw`ffmpeg -i 'it'\''s.opus' 'it'\''s.wav'`],
    ['$(rm -r .).wma', "ffmpeg -i '$(rm -r .).wma' '$(rm -r .).wav'"],
    ['-i.m4a', 'ffmpeg -i ./-i.m4a ./-i.wav'],
    ['adpcm.WAV', 'ffmpeg -i adpcm.WAV adpcm-pcm.wav'],
    ['noname', 'ffmpeg -i noname noname.wav'],
  ])('fits the shell for %s', (path, command) => {
    expect(conversion(path)).toBe(command);
  });
});
