import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PowerFrames, powerSpectrogram } from './stft';

interface Golden {
  size: number;
  hop: number;
  samples: number[];
  frames: number;
  bins: number;
  power: number[];
}

test('power equals that of scipy.signal.stft', () => {
  const golden = JSON.parse(
    readFileSync(join(__dirname, '../../../../tools/goldens/audio/stft.json'), 'utf8'),
  ) as Golden;
  const { power, frames, bins } = powerSpectrogram(
    Float32Array.from(golden.samples),
    golden.size,
    golden.hop,
  );
  expect([frames, bins]).toEqual([golden.frames, golden.bins]);
  golden.power.forEach((expected, i) => {
    expect(Math.abs(power[i] - expected)).toBeLessThan(1e-6 * (expected + 0.01));
  });
});

test('a sine of full scale in the middle of a bin has power 1', () => {
  const sine = Float32Array.from({ length: 1024 }, (_, t) => Math.sin((2 * Math.PI * 8 * t) / 64));
  const { power, bins } = powerSpectrogram(sine, 64, 16);
  expect(power[20 * bins + 8]).toBeCloseTo(1, 5);
  expect(power[20 * bins + 12]).toBeLessThan(1e-10);
});

test('frames of other sizes than powers of two are refused', () => {
  expect(() => powerSpectrogram(new Float32Array(10), 48, 16)).toThrow('size 48');
  expect(() => powerSpectrogram(new Float32Array(10), 64, 0)).toThrow('hop 0');
});

test.each([1, 7, 16, 40, 100])('a signal in pieces of %i samples has the frames of the whole', (length) => {
  const samples = Float32Array.from({ length: 333 }, (_, i) => Math.sin(i * i));
  for (const [size, hop] of [
    [32, 8],
    [32, 48], // frames apart
  ]) {
    const stream = new PowerFrames(size, hop);
    const frames: Float32Array[] = [];
    for (let from = 0; from < samples.length; from += length) {
      frames.push(...stream.push(samples.subarray(from, from + length)));
    }
    frames.push(...stream.end());
    const whole = powerSpectrogram(samples, size, hop);
    expect(frames).toHaveLength(whole.frames);
    expect(frames.flatMap((frame) => [...frame])).toEqual([...whole.power]);
  }
});
