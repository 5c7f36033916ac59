/** Chords with a little noise, for a spec: `[time]` in (−1, 1). */
export function music(length: number): Float32Array {
  let noise = 1;
  return Float32Array.from({ length }, (_, t) => {
    noise = (noise * 16807) % 2147483647;
    const fade = Math.exp(-(t % 8000) / 4000);
    const chord = Math.sin(t * 0.1) + Math.sin(t * 0.126) + Math.sin(t * 0.15) + Math.sin(t * 0.8) / 4;
    return 0.2 * fade * chord + 0.002 * (noise / 2147483647 - 0.5);
  });
}

/** How much stronger what was expected is than the difference, in decibels; both `[time]`. */
export function signalToNoise(expected: Float32Array, found: Float32Array): number {
  const power = (samples: Float32Array) => samples.reduce((sum, sample) => sum + sample ** 2, 0);
  return 10 * Math.log10(power(expected) / power(expected.map((sample, t) => sample - found[t])));
}
