import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { UserError, type Progress } from '@fermata/core';
import { writeMidi } from 'midi-file';

import type { Dataset, Split, TimedDataset } from '@fermata/data';
import { encodeWav } from '../files';
import { readCodes } from '../recordings/readRecording';
import { musicFolder, rate } from '../testing/musicFolder';

const sounds = join(__dirname, '../../../../tools/goldens/audio/sounds');
const { folder, cache, file, tone, ingested } = musicFolder();

const splitsById = (dataset: Dataset) =>
  Object.fromEntries(dataset.pieces.map(({ id, split }) => [id, split]));
const secondsIn = (dataset: TimedDataset, split: Split) =>
  dataset.pieces.reduce((sum, piece) => sum + (piece.split === split ? piece.length / dataset.rate : 0), 0);

const codesOf = async (name: string) =>
  (await readCodes(join(folder, name), { sampleRate: rate, symbols: 256 })).codes;

describe('a folder with a CSV file', () => {
  it('takes composer, title and split from it', async () => {
    tone('a.wav', 1, 1);
    tone('b.wav', 1, 2);
    tone('more/c.wav', 1, 3);
    file(
      'list.csv',
      '\ufeffFile,Composer,Title,Split\na.wav,Clara Schumann,"Romanze, op. 11",train\nb.wav,,Fugue,Test\nmore/c.wav,Liszt,,val\n',
    );
    const dataset = await ingested();
    expect([...dataset.pieces].sort((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject([
      { id: 'a.wav', composer: 'Clara Schumann', title: 'Romanze, op. 11', split: 'train', length: rate },
      { id: 'b.wav', title: 'Fugue', split: 'test' },
      { id: 'more/c.wav', composer: 'Liszt', source: 'more/c.wav', split: 'validation' },
    ]);
    expect(dataset.notes).toEqual([]);
    expect(dataset.skipped).toEqual([]);
  });

  it('knows the layout of MAESTRO, and takes recordings rather than their MIDI files', async () => {
    const rows = ['train', 'train', 'validation', 'test'].map((split, index) => {
      tone(`2004/take${index}--1.wav`, 1, index);
      file(`2004/take${index}--1.midi`, noteOn());
      return `Bach,"Fugue, ${index}",${split},2004,2004/take${index}--1.midi,2004/take${index}--1.wav,1.0`;
    });
    rows.push('Bach,Gone,train,2006,2006/gone.midi,2006/gone.wav,1.0');
    const header = 'canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration';
    file('maestro-v3.0.0.csv', [header, ...rows].join('\n'));
    const dataset = await ingested();
    expect(splitsById(dataset)).toEqual({
      '2004/take0--1.wav': 'train',
      '2004/take1--1.wav': 'train',
      '2004/take2--1.wav': 'validation',
      '2004/take3--1.wav': 'test',
    });
    expect(dataset.pieces[0]).toMatchObject({
      composer: 'Bach',
      title: expect.stringMatching(/^Fugue, \d$/) as string,
    });
    const pairs = [0, 1, 2, 3].map((take) => `2004/take${take}--1.midi (as 2004/take${take}--1.wav)`);
    expect(dataset.notes).toEqual([
      `MIDI files with a recording of the same performance were ignored: ${pairs.join(', ')}.`,
    ]);
    expect(dataset.skipped).toEqual([
      { file: '2006/gone.wav', reason: 'maestro-v3.0.0.csv names it, but it does not exist' },
    ]);
  });

  it('holds out a piece that is in two splits', async () => {
    ['a', 'b', 'c', 'd'].forEach((name, index) => {
      tone(`${name}.wav`, 1, index);
    });
    file(
      'list.csv',
      'file,title,split\na.wav,One,train\nb.wav,one ,test\nc.wav,Two,train\nd.wav,Three,validation\n',
    );
    const dataset = await ingested();
    expect(splitsById(dataset)).toEqual({
      'a.wav': 'test',
      'b.wav': 'test',
      'c.wav': 'train',
      'd.wav': 'validation',
    });
    expect(dataset.notes).toEqual(["'One' is in the splits train and test: all its recordings are in test."]);
  });

  it.each([
    ['an unknown split', 'file,split\na.wav,tset\n', "row 2: the split 'tset' is unknown. Write train"],
    ['an open quote', 'file,title\na.wav,"One\n', 'the CSV cannot be read'],
    ['nothing to train on', 'file,split\na.wav,test\n', 'No piece is in the train split.'],
  ])('reports %s', async (_, table, message) => {
    tone('a.wav', 1);
    file('list.csv', table);
    await expect(ingested()).rejects.toThrow(UserError);
    await expect(ingested()).rejects.toThrow(message);
  });
});

describe('recordings without splits', () => {
  it('are divided by piece, the same way each time', async () => {
    const seconds = Array.from({ length: 20 }, (_, index) => 1 + (index % 3));
    seconds.forEach((length, index) => {
      tone(`${String(index).padStart(2, '0')}.wav`, length, index);
    });
    const dataset = await ingested();
    const total = seconds.reduce((sum, length) => sum + length);
    expect(secondsIn(dataset, 'train') / total).toBeGreaterThan(0.7);
    for (const split of ['validation', 'test'] as const) {
      expect(secondsIn(dataset, split) / total).toBeGreaterThanOrEqual(0.075);
    }
    expect(dataset.notes[0]).toContain('A seeded draw assigned the pieces without a given split');
    const again = await ingested({ folder: `${cache}2` });
    expect(again.fingerprint).toBe(dataset.fingerprint);
    expect((await ingested({ seed: 2 })).fingerprint).not.toBe(dataset.fingerprint);
  });

  it('keep all recordings of one piece together, over all sources', async () => {
    for (const [take, source] of ['one', 'two'].entries()) {
      const rows = Array.from({ length: 8 }, (_, index) => {
        tone(`${source}/${index}.wav`, 1, 2 * index + take);
        return `${index}.wav,Prelude ${index}`;
      });
      file(`${source}/list.csv`, ['file,title', ...rows].join('\n'));
    }
    const dataset = await ingested({ source: [join(folder, 'one'), join(folder, 'two')] });
    const assigned = splitsById(dataset);
    expect(Object.keys(assigned)).toHaveLength(16);
    for (let index = 0; index < 8; index++)
      expect(assigned[`one/${index}.wav`]).toBe(assigned[`two/${index}.wav`]);
    expect(new Set(Object.values(assigned)).size).toBe(3);
  });

  it('are in the split of the same work in another folder, under any title', async () => {
    [0, 1, 2].forEach((index) => {
      tone(`played/${index}.wav`, 1, 2 * index);
      tone(`recorded/${index}.wav`, 1, 2 * index + 1);
    });
    file(
      'played/list.csv',
      'file,composer,title,split\n0.wav,Bach,Fugue BWV 847,train\n1.wav,Bach,Fugue BWV 846,validation\n' +
        '2.wav,Frédéric Chopin,Berceuse op 57,test\n',
    );
    file(
      'recorded/list.csv',
      'file,composer,title\n0.wav,Johann Sebastian Bach,Prelude BWV 847\n' +
        '1.wav,Johann Sebastian Bach,Well-Tempered Clavier I Fugue BWV 846\n2.wav,Chopin,"Berceuse, Op. 57"\n',
    );
    const dataset = await ingested({ source: [join(folder, 'played'), join(folder, 'recorded')] });
    expect(splitsById(dataset)).toEqual({
      'played/0.wav': 'train',
      'played/1.wav': 'validation',
      'played/2.wav': 'test',
      'recorded/0.wav': 'train',
      'recorded/1.wav': 'validation',
      'recorded/2.wav': 'test',
    });
  });

  it('keep their own level', async () => {
    tone('a.wav', 1);
    tone('b.wav', 2);
    tone('c.wav', 3);
    const dataset = await ingested();
    const piece = dataset.pieces.find(({ id }) => id === 'b.wav')!;
    expect(dataset.read(piece)).toEqual(await codesOf('b.wav'));
  });
});

describe('a single recording', () => {
  it('has its last 10% held out after a gap, with a note', async () => {
    tone('take.wav', 20);
    const dataset = await ingested({ source: join(folder, 'take.wav') });
    const codes = await codesOf('take.wav');
    const part = (from: number, to: number) => codes.subarray(from * rate, to * rate);
    expect(dataset.pieces.map(({ id }) => id)).toEqual([
      'take.wav (train)',
      'take.wav (validation)',
      'take.wav (test)',
    ]);
    const [train, validation, test] = dataset.pieces.map((piece) => dataset.read(piece));
    expect(train).toEqual(part(0, 17.8));
    expect(validation).toEqual(part(18, 19));
    expect(test).toEqual(part(19.2, 20));
    expect(dataset.notes.at(-1)).toBe(
      'take.wav: as the only piece long enough, its last 10% is held out (validation, test), after a gap of 0.2 s.',
    );
  });

  it('gives its end to validation if the test split has the other recording', async () => {
    tone('long.wav', 10);
    tone('short.wav', 5);
    const dataset = await ingested();
    expect(splitsById(dataset)).toEqual({
      'short.wav': 'test',
      'long.wav (train)': 'train',
      'long.wav (validation)': 'validation',
    });
  });
});

describe('files that cannot be used', () => {
  it('are named with the reason', async () => {
    tone('a.wav', 1);
    tone('b.wav', 2);
    tone('c.wav', 3);
    file('empty.mp3', '');
    file('notes.wav', 'Not a sound.');
    file('quiet.wav', encodeWav(new Float32Array(rate), rate, { isRecording: true }));
    file('phone.m4a', readFileSync(join(sounds, 'aac.m4a')));
    file('broken.mid', 'MThd');
    file('cover.jpg', Uint8Array.of(0xff, 0xd8));
    file('.hidden.wav', '');
    symlinkSync(join(folder, 'gone'), join(folder, 'link.wav'), 'junction');
    symlinkSync(folder, join(folder, 'loop'), 'junction');
    const dataset = await ingested();
    expect(dataset.pieces.map(({ id }) => id).sort()).toEqual(['a.wav', 'b.wav', 'c.wav']);
    expect(dataset.skipped).toMatchObject([
      { file: 'broken.mid' },
      { file: 'empty.mp3', reason: 'the file is empty' },
      { file: 'link.wav', reason: 'there is no such file or folder' },
      { file: 'notes.wav', reason: 'this is a text file, not audio' },
      {
        file: 'phone.m4a',
        reason: expect.stringMatching(
          /^MPEG-4 audio .* is not supported\. Convert it .*: ffmpeg -i /,
        ) as string,
      },
      { file: 'quiet.wav', reason: 'the recording is silent (nothing rises above -80 dBFS)' },
    ]);
    expect(dataset.notes).toContain('Files that are not audio were ignored: 1 .jpg.');
  });

  it('do not empty a split when they break off in decoding', async () => {
    const flac = readFileSync(join(sounds, 'flac24.flac'));
    file('a.flac', flac.subarray(0, 0.6 * flac.length));
    tone('b.wav', 2);
    tone('c.wav', 5);
    const dataset = await ingested();
    expect(splitsById(dataset)).toEqual({
      'b.wav': 'test',
      'c.wav (train)': 'train',
      'c.wav (validation)': 'validation',
    });
    expect(dataset.skipped).toEqual([
      { file: 'a.flac', reason: expect.stringContaining('truncated') as string },
    ]);
  });

  it('end the call if there is nothing else', async () => {
    await expect(ingested()).rejects.toThrow('no audio was found. Name a folder');
    tone('there.wav', 1);
    const source = ['there.wav', 'missing'].map((name) => join(folder, name));
    await expect(ingested({ source })).rejects.toThrow('missing: there is no such file or folder');
    rmSync(source[0]);
    file('a.wav', '');
    await expect(ingested({ source: join(folder, 'a.wav') })).rejects.toThrow(
      'a.wav: the file is empty. Copy it again',
    );
    file('a.wav', encodeWav(new Float32Array(rate), rate, { isRecording: true }));
    await expect(ingested()).rejects.toThrow('a.wav: the recording is silent');
    file('a.wav', '');
    file('b.wav', 'text');
    await expect(ingested()).rejects.toThrow('none of 2 files can be used (a.wav: the file is empty)');
    await expect(ingested()).rejects.toThrow(UserError);
  });
});

it('uses no more minutes of a split than requested', async () => {
  for (let index = 0; index < 20; index++) tone(`${index}.wav`, 3, index);
  const whole = await ingested();
  const progress: Progress[] = [];
  const minutes = { train: 0.2, validation: 0.05, test: 1 / 60 };
  const part = await ingested({ minutes, onProgress: (report) => progress.push(report) });
  expect(secondsIn(part, 'train')).toBe(12);
  expect(secondsIn(part, 'validation')).toBe(3);
  expect(secondsIn(part, 'test')).toBe(1);
  // A part of the whole, piece by piece.
  for (const { id, split } of part.pieces) expect(splitsById(whole)[id]).toBe(split);
  expect(progress.at(-1)).toMatchObject({ stage: 'read', done: 18, total: 18 });
});

it('plays MIDI files on a piano', async () => {
  file('a.mid', noteOn());
  tone('b.wav', 1);
  tone('c.wav', 2);
  const dataset = await ingested();
  const piece = dataset.pieces.find(({ id }) => id === 'a.mid')!;
  expect(piece.length).toBeGreaterThan(rate / 2);
  expect(piece.length).toBeLessThan(1.2 * rate);
  expect(Math.max(...dataset.read(piece))).toBeGreaterThan(150);
}, 30000);

/** A MIDI file of one note of half a second. */
function noteOn(): Uint8Array {
  const note = { channel: 0, noteNumber: 60 };
  return Uint8Array.from(
    writeMidi({
      header: { format: 0, numTracks: 1, ticksPerBeat: 480 },
      tracks: [
        [
          { type: 'noteOn', deltaTime: 0, velocity: 80, ...note },
          { type: 'noteOff', deltaTime: 480, velocity: 0, ...note },
          { type: 'endOfTrack', deltaTime: 0, meta: true },
        ],
      ],
    }),
  );
}
