import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Resampler, concatenate, resample } from './resample';

interface Golden {
  rate: number;
  frequencies: number[];
  length: number;
  expected: string;
}

const goldens = JSON.parse(
  readFileSync(join(__dirname, '../../../../tools/goldens/audio/resample.json'), 'utf8'),
) as Golden[];
const floats = (base64: string) => new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
const sine = (frequency: number, rate: number, length: number) =>
  Float32Array.from({ length }, (_, t) => Math.sin((2 * Math.PI * frequency * t) / rate));
const decibels = (ratio: number) => 20 * Math.log10(ratio);

/** Gain of a sine in resampling, away from both ends. */
function gain(frequency: number, rate: number): number {
  const output = resample(sine(frequency, rate, rate / 5), rate, 16000).subarray(600, 2600);
  return Math.sqrt(2 * (output.reduce((sum, sample) => sum + sample * sample, 0) / output.length));
}

it.each(goldens)('agrees with SoX from $rate Hz', ({ rate, frequencies, length, expected }) => {
  const samples = Float32Array.from({ length }, (_, t) => {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / length);
    const sum = frequencies.reduce((total, f) => total + Math.sin((2 * Math.PI * f * t) / rate), 0);
    return (window * sum) / frequencies.length;
  });
  const output = resample(samples, rate, 16000);
  const golden = floats(expected);
  expect(output).toHaveLength(golden.length);
  const worst = output.reduce((most, sample, t) => Math.max(most, Math.abs(sample - golden[t])), 0);
  expect(decibels(worst)).toBeLessThan(-80);
});

describe.each([22050, 44100, 48000, 96000])('from %i Hz', (rate) => {
  const frequencies = (from: number, to: number) =>
    Array.from({ length: 9 }, (_, i) => from + (i / 8) * (to - from));

  it('is flat to 0.01 dB up to 7.5 kHz', () => {
    for (const frequency of frequencies(20, 7500))
      expect(Math.abs(decibels(gain(frequency, rate)))).toBeLessThan(0.01);
  });

  it('removes frequencies above 8 kHz by 80 dB', () => {
    for (const frequency of frequencies(8000, rate / 2 - 100))
      expect(decibels(gain(frequency, rate))).toBeLessThan(-80);
  });
});

it('gives the same in blocks as at once', () => {
  const samples = sine(1234.5, 44100, 20011);
  const resampler = new Resampler(44100, 16000);
  const blocks = [];
  for (let start = 0, size = 1; start < samples.length; start += size, size = (size * 3) % 4001) {
    blocks.push(resampler.push(samples.subarray(start, start + size)));
  }
  blocks.push(resampler.end());
  expect(concatenate(blocks)).toEqual(resample(samples, 44100, 16000));
});

it('has one output for each sample time before the end of the input', () => {
  for (const length of [0, 1, 2, 3, 440, 441, 442]) {
    expect(resample(new Float32Array(length), 44100, 16000)).toHaveLength(Math.ceil((length * 160) / 441));
  }
  expect(resample(new Float32Array(100), 15625, 16000)).toHaveLength(103);
});

it('changes nothing between equal rates', () => {
  const samples = sine(7999, 16000, 100);
  expect(resample(samples, 16000, 16000)).toEqual(samples);
});

it('refuses rates that are not whole numbers', () => {
  expect(() => resample(new Float32Array(1), 44100.5, 16000)).toThrow('44100.5');
  expect(() => new Resampler(16000, 0)).toThrow(RangeError);
});
