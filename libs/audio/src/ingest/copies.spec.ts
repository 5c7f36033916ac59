import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Dataset } from '@fermata/data';
import { writeMidi } from 'midi-file';

import { audioSeconds, encodeWav, openAudioWriter } from '../files';
import { music } from '../testing/music';
import { musicFolder } from '../testing/musicFolder';

const { folder, file, tone, ingested } = musicFolder();
const at = (name: string) => join(folder, name);
const idsOf = ({ pieces }: Dataset) => pieces.map(({ id }) => id).sort();
const splitOf = ({ pieces }: Dataset, id: string) => pieces.find((piece) => piece.id === id)?.split;
const copied = (...pairs: string[]) => `Music that is there twice counts once: ${pairs.join(', ')}.`;

/** Writes a recording in the format of its name, at 8 kHz. */
async function record(name: string, samples: Float32Array): Promise<void> {
  const writer = await openAudioWriter(at(name), { rate: 8000, isRecording: true });
  await writer.write(samples);
  await writer.close();
}

/** Copies a WAV file with another tag behind its samples. */
function retag(name: string, copy: string): void {
  const bytes = Buffer.concat([readFileSync(at(name)), Buffer.from('note\x02\0\0\0hi', 'latin1')]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  file(copy, bytes);
}

/** Chords of `music`, from another place for each seed. */
const take = (seed: number, seconds: number) =>
  music(8000 * (seconds + seed)).subarray(8000 * seed + 997 * seed, 8000 * (seconds + seed) + 997 * seed);

beforeEach(() => {
  for (let index = 0; index < 4; index++) tone(`tone${index}.wav`, 2 + index, index);
});

describe('a performance in two files counts once', () => {
  it('as a file of the same bytes', async () => {
    const alone = await ingested();
    for (let index = 0; index < 4; index++) copyFileSync(at(`tone${index}.wav`), at(`tone${index} (1).wav`));
    const dataset = await ingested();
    expect(dataset.fingerprint).toBe(alone.fingerprint);
    expect(dataset.notes).toContain(
      copied(...[0, 1, 2, 3].map((index) => `tone${index} (1).wav (as tone${index}.wav)`)),
    );
  });

  it('as the same samples in another format, under the same name or another', async () => {
    const samples = Float32Array.from(take(1, 4), (sample) => Math.round(sample * 0x8000) / 0x8000);
    await record('x.wav', samples);
    const alone = await ingested();
    await record('x.flac', samples);
    await record('elsewhere/y.flac', samples);
    const dataset = await ingested();
    expect(dataset.fingerprint).toBe(alone.fingerprint);
    expect(dataset.notes).toContain(copied('x.flac (as x.wav)', 'elsewhere/y.flac (as x.wav)'));
  });

  it.each(['mp3', 'ogg'])('as a lossy copy under another name: .%s', async (extension) => {
    await record('x.wav', take(1, 4));
    await record(`y.${extension}`, take(1, 4));
    const dataset = await ingested({ sampleRate: 8000 });
    expect(idsOf(dataset)).toEqual(['tone0.wav', 'tone1.wav', 'tone2.wav', 'tone3.wav', 'x.wav']);
    expect(dataset.notes).toContain(copied(`y.${extension} (as x.wav)`));
  });

  it('as a MIDI file beside its recording, or in a folder beside that of the recordings', async () => {
    const alone = await ingested();
    file('TONE0.mid', midiOf(2));
    tone('audio/one.wav', 3, 9);
    file('midi/one.mid', midiOf(3));
    file('midi/two.mid', midiOf(1));
    const dataset = await ingested();
    expect(alone.pieces).toHaveLength(4);
    expect(idsOf(dataset)).toEqual([...idsOf(alone), 'audio/one.wav', 'midi/two.mid'].sort());
    expect(dataset.notes).toContain(
      'MIDI files with a recording of the same performance were ignored: TONE0.mid (as tone0.wav), midi/one.mid (as audio/one.wav).',
    );
  }, 30_000);

  it('in the split that is held out, if its files have two', async () => {
    copyFileSync(at('tone3.wav'), at('copy.wav'));
    file('list.csv', 'file,title,split\ntone3.wav,One,train\ncopy.wav,,test\n');
    const dataset = await ingested();
    expect([splitOf(dataset, 'tone3.wav'), splitOf(dataset, 'copy.wav')]).toEqual(['test', undefined]);
    expect(dataset.notes).toContain(
      'tone3.wav, the same as copy.wav, is in the splits train and test: it counts in test.',
    );
  });

  it('as its copy, where the file that would count breaks off', async () => {
    const flac = readFileSync(join(__dirname, '../../../../tools/goldens/audio/sounds/flac24.flac'));
    file('x.flac', flac.subarray(0, 0.6 * flac.length));
    const seconds = audioSeconds(at('x.flac'));
    file('x.wav', encodeWav(take(1, 20).subarray(0, 8000 * seconds), 8000, { isRecording: true }));
    copyFileSync(at('x.flac'), at('y.flac'));
    const dataset = await ingested();
    expect(idsOf(dataset)).toContain('x.wav');
    expect(dataset.skipped.map((skipped) => skipped.file).sort()).toEqual(['x.flac', 'y.flac']);
  });

  it('but not where only the name, the length or the notes are the same', async () => {
    await record('x.wav', take(1, 4));
    await record('y.mp3', take(2, 4));
    await record('z/x.ogg', take(3, 4));
    tone('tone0.flac.wav', 2, 5);
    const dataset = await ingested({ sampleRate: 8000 });
    expect(dataset.pieces).toHaveLength(8);
  });
});

it('two files of one name in one folder are in one split, whatever their lengths', async () => {
  for (let index = 0; index < 8; index++) tone(`part${index}.flac`, 3 + index, 30 + index);
  for (let index = 0; index < 8; index++) tone(`part${index}.wav`, 1 + index, 20 + index);
  const dataset = await ingested();
  for (let index = 0; index < 8; index++) {
    expect(splitOf(dataset, `part${index}.flac`)).toBe(splitOf(dataset, `part${index}.wav`));
  }
});

it('a stopped ingestion goes on to the same dataset, whatever had been found', async () => {
  for (let index = 0; index < 4; index++) {
    tone(`x${index}.wav`, 3, 40 + index);
    retag(`x${index}.wav`, `y${index}.wav`);
  }
  const { fingerprint, folder: made, pieces } = await ingested();
  expect(pieces).toHaveLength(8);
  for (const stop of [3, 8, 12, 14, 18]) {
    rmSync(made, { recursive: true });
    const controller = new AbortController();
    let reports = 0;
    let last: string | undefined;
    const stopped = ingested({
      signal: controller.signal,
      onProgress: ({ detail }) => {
        if (detail !== last) reports++;
        last = detail;
        if (reports === stop) controller.abort();
      },
    });
    await stopped.catch(() => undefined);
    expect((await ingested()).fingerprint).toBe(fingerprint);
    expect(() => readFileSync(join(made, 'left-out.json'))).toThrow();
  }
});

/** A MIDI file of one note that lasts so many seconds. */
function midiOf(seconds: number): Uint8Array {
  const note = { channel: 0, noteNumber: 60 };
  return Uint8Array.from(
    writeMidi({
      header: { format: 0, numTracks: 1, ticksPerBeat: 480 },
      tracks: [
        [
          { type: 'noteOn', deltaTime: 0, velocity: 80, ...note },
          { type: 'noteOff', deltaTime: 960 * seconds, velocity: 0, ...note },
          { type: 'endOfTrack', deltaTime: 0, meta: true },
        ],
      ],
    }),
  );
}
