import { decodeMuLaw, encodeMuLaw } from '@fermata/audio';
import { normals, randomKey } from '@fermata/core';
import { expectClose, loadGoldens } from '@fermata/testing';

import { logSpectralDistance } from './logSpectralDistance';
import { loudnessDeviation } from './loudnessDeviation';

const { wandering: golden } = loadGoldens('evaluation/spectral');
const [reference, other] = [golden.reference, golden.other].map(({ values }) => Float32Array.from(values));
const rate = 2000;
const noise = normals(randomKey('noise'), 2 * rate).map((value) => 0.1 * value);
const scaled = (samples: Float32Array, gain: number) => samples.map((sample) => gain * sample);
const twice = 20 * Math.log10(2);

describe('logSpectralDistance', () => {
  it("is that of SciPy's spectra", () => {
    expectClose(logSpectralDistance(reference, other, 1000), golden.logSpectralDistance.values[0], 1e-5);
  });

  it('is 0 between equal recordings, and symmetric', () => {
    expect(logSpectralDistance(reference, reference, 1000)).toBe(0);
    expect(logSpectralDistance(other, reference, 1000)).toBe(logSpectralDistance(reference, other, 1000));
  });

  it('is the gain where all bins are above the floor', () => {
    expectClose(logSpectralDistance(noise, scaled(noise, 2), rate), twice, 1e-4);
    expectClose(logSpectralDistance(noise, scaled(noise, 0.5), rate), twice, 1e-4);
  });

  it('ignores levels below the floor', () => {
    const tone = Float32Array.from({ length: rate }, (_, t) => 0.5 * Math.sin(0.7 * t));
    const hiss = noise.subarray(0, rate);
    const withHiss = (gain: number) => tone.map((sample, t) => sample + gain * hiss[t]);
    expect(logSpectralDistance(tone, withHiss(1e-4), rate)).toBeLessThan(0.1);
    expect(logSpectralDistance(tone, withHiss(0.1), rate)).toBeGreaterThan(10);
    const coded = decodeMuLaw(encodeMuLaw(scaled(tone, 0.1)));
    expect(logSpectralDistance(scaled(tone, 0.1), coded, rate)).toBeLessThan(3);
  });

  it('rejects recordings that it cannot compare', () => {
    const distance = (first: Float32Array, second: Float32Array) => () =>
      logSpectralDistance(first, second, rate);
    expect(distance(new Float32Array(rate), noise.subarray(0, rate))).toThrow(
      'the reference is nowhere above -80 dB',
    );
    expect(distance(noise.subarray(0, 127), noise.subarray(0, 127))).toThrow(
      'logSpectralDistance: the recordings have 127 samples, but it needs 128 at 2000 Hz',
    );
  });
});

describe('loudnessDeviation', () => {
  it("is that of NumPy's levels", () => {
    expectClose(loudnessDeviation(reference, other, 1000), golden.loudnessDeviation.values[0], 1e-6);
  });

  it('is 0 for a constant gain', () => {
    expect(loudnessDeviation(noise, noise, rate)).toBe(0);
    expect(loudnessDeviation(noise, scaled(noise, 2), rate)).toBeLessThan(1e-9);
  });

  it('is the standard deviation of the gain in dB', () => {
    // Constant power, and twice as loud from 1 s on: of 17 frames 7 lie before, 7 after, 3 across.
    const square = Float32Array.from({ length: 2 * rate }, (_, t) => (t % 2 === 0 ? 0.25 : -0.25));
    const louder = square.map((sample, t) => (t < rate ? sample : 2 * sample));
    const across = [1 / 4, 2 / 4, 3 / 4].map((share) => 10 * Math.log10(1 - share + 4 * share));
    const gains = [...new Array<number>(7).fill(0), ...across, ...new Array<number>(7).fill(twice)];
    const mean = gains.reduce((sum, gain) => sum + gain) / 17;
    const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / 17;
    expectClose(loudnessDeviation(square, louder, rate), Math.sqrt(variance), 1e-9);
  });

  it('leaves out silence of the reference, and counts that of the other as -70 dB', () => {
    const late = noise.map((sample, t) => (t < rate ? 0 : sample));
    const before = noise.map((sample, t) => (t < 0.6 * rate ? 5 * sample : sample));
    expect(loudnessDeviation(late, before, rate)).toBe(loudnessDeviation(late, noise, rate));
    // The tone has 17 frames at -20 dB: the first stays whole, and 13 fall silent.
    const tone = Float32Array.from({ length: 2 * rate }, (_, t) => (t % 2 === 0 ? 0.1 : -0.1));
    const gone = tone.map((sample, t) => (t < 0.4 * rate ? sample : 0));
    const fall = [1 / 4, 2 / 4, 3 / 4].map((share) => 10 * Math.log10(1 - share));
    const differences = [0, ...fall, ...new Array<number>(13).fill(-50)];
    const mean = differences.reduce((sum, value) => sum + value) / 17;
    const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 17;
    expectClose(loudnessDeviation(tone, gone, rate), Math.sqrt(variance), 1e-5);
  });

  it('rejects recordings that it cannot compare', () => {
    const deviation =
      (first: Float32Array, second: Float32Array, at = rate) =>
      () =>
        loudnessDeviation(first, second, at);
    expect(deviation(scaled(noise, 1e-4), noise)).toThrow('0 frames of the reference are above -70 dB');
    expect(deviation(noise, noise.subarray(1))).toThrow(
      'loudnessDeviation: the recordings have 4000 and 3999 samples; cut them to the same length',
    );
    expect(deviation(noise.subarray(0, 999), noise.subarray(0, 999))).toThrow('it needs 1000 at 2000 Hz');
    expect(deviation(noise, noise, 0)).toThrow('rate is 0');
    const broken = noise.map((sample, t) => (t === 7 ? NaN : sample));
    expect(deviation(noise, broken)).toThrow('sample 7 is NaN');
  });
});
