import { interpolate, interpolator } from './tuning';

const tone = (frequency: number, rate: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, t) => Math.sin((2 * Math.PI * frequency * t) / rate));

const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);

describe('interpolate', () => {
  it.each([-1, 0, 1])('moves a tone by %d semitones, and its phase not at all', (semitones) => {
    const tuning = interpolator(44100, 16000, semitones);
    const ratio = ((tuning.stride / tuning.phases) * 16000) / 44100;
    expect(Math.abs(1200 * Math.log2(ratio) - 100 * semitones)).toBeLessThan(0.01);
    const start = 441; // 10 ms
    for (const frequency of [110, 1000, 5900]) {
      const output = interpolate(tuning, tone(frequency, 44100, 12000), start, 3000);
      const worst = output.reduce((largest, sample, n) => {
        const expected = Math.sin(2 * Math.PI * frequency * ((n / 16000) * ratio + start / 44100));
        return Math.max(largest, Math.abs(sample - expected));
      }, 0);
      expect(worst).toBeLessThan(2e-3);
    }
  });

  it('removes frequencies above the range of 16 kHz', () => {
    for (const frequency of [8600, 12000, 20000]) {
      const output = interpolate(interpolator(44100, 16000, 0), tone(frequency, 44100, 12000), 500, 3000);
      expect(20 * Math.log10(rms(output) / Math.SQRT1_2)).toBeLessThan(-70);
    }
  });

  it('goes on in silence after the end of its input', () => {
    const output = interpolate(interpolator(44100, 16000, 1), tone(440, 44100, 441), 0, 1000);
    expect(rms(output.subarray(300))).toBe(0);
  });
});
