import { writeWav } from '@fermata/audio';
import { normals, randomKey } from '@fermata/core';

/** Writes a WAV file at 16 kHz: a tone that swells and fades in seeded noise. */
export function writeRecording(path: string, { seconds, seed }: { seconds: number; seed: number }): void {
  const rate = 16000;
  const noise = normals(randomKey(seed), seconds * rate);
  const samples = noise.map(
    (draw, t) =>
      0.2 * Math.sin((2 * Math.PI * 220 * t) / rate) * Math.sin((2 * Math.PI * t) / rate) + 0.01 * draw,
  );
  writeWav(path, samples, rate, { isRecording: true });
}
