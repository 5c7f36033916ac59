import { describeDistances, DistanceMeter, distancesOf } from './distances';

const rate = 16000;
const tone = (loudness: (second: number) => number) =>
  Float32Array.from({ length: 2 * rate }, (_, i) => loudness(i / rate) * ((i % 40) / 20 - 1));

it('an original is at no distance of itself, and one that is louder at times is', () => {
  const original = tone(() => 0.1);
  expect(describeDistances(distancesOf(original, original, rate))).toBe(
    'log-spectral distance 0.00 dB, loudness deviation 0.00 dB',
  );
  const { loudnessDeviation } = distancesOf(
    original,
    tone((second) => (second < 1 ? 0.1 : 0.2)),
    rate,
  );
  // A half is 6 dB louder: 3 dB to either side of the mean.
  expect(loudnessDeviation).toBeGreaterThan(2.5);
  expect(loudnessDeviation).toBeLessThan(3.2);
});

it('a change of volume alone is one of the spectrum, and none of how the loudness wanders', () => {
  const half = distancesOf(
    tone(() => 0.1),
    tone(() => 0.05),
    rate,
  );
  expect(half.loudnessDeviation).toBeCloseTo(0, 5);
  expect(half.logSpectralDistance).toBeGreaterThan(1);
});

it('silence and what is too short have none', () => {
  const none = { logSpectralDistance: null, loudnessDeviation: null };
  expect(
    distancesOf(
      new Float32Array(2 * rate),
      tone(() => 0.1),
      rate,
    ),
  ).toEqual(none);
  expect(distancesOf(new Float32Array(8), new Float32Array(8), rate)).toEqual(none);
  expect(describeDistances(none)).toBe('log-spectral distance undefined, loudness deviation undefined');
});

it('of recordings in pieces are those of the whole', () => {
  const [original, again] = [tone(() => 0.1), tone((second) => 0.1 + 0.05 * second)];
  const whole = distancesOf(original, again, rate);
  for (const length of [100, 4096, 10_000]) {
    const meter = new DistanceMeter(rate);
    for (let from = 0; from < original.length; from += length) {
      meter.push(original.subarray(from, from + length), again.subarray(from, from + length));
    }
    expect(meter.end()).toEqual(whole);
  }
  expect(() => {
    new DistanceMeter(rate).push(original, again.subarray(1));
  }).toThrow('pieces of 32000 and 31999 samples');
});
