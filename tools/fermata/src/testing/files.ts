/** Contents of a WAV file in a spec. */
export interface WavSettings {
  /** Each channel `[time]`; floats are written as they are, PCM is 16-bit. */
  readonly channels: readonly ArrayLike<number>[];
  readonly sampleRate?: number;
  readonly float?: boolean;
}

/** Makes a WAV file, right or wrong: it checks nothing. */
export function wavBytes({ channels, sampleRate = 16000, float = false }: WavSettings): Buffer {
  const bytesPerSample = float ? 4 : 2;
  const frameBytes = channels.length * bytesPerSample;
  const dataBytes = channels[0].length * frameBytes;
  const bytes = Buffer.alloc(44 + dataBytes);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(float ? 3 : 1, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE((sampleRate * frameBytes) % 2 ** 32, 28);
  bytes.writeUInt16LE(frameBytes, 32);
  bytes.writeUInt16LE(8 * bytesPerSample, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(dataBytes, 40);
  let position = 44;
  for (let t = 0; t < channels[0].length; t++) {
    for (const samples of channels) {
      position = float
        ? bytes.writeFloatLE(samples[t], position)
        : bytes.writeInt16LE(Math.round(samples[t] * 0x7fff), position);
    }
  }
  return bytes;
}

/** A tone that swells and fades, `[time]`. */
export function tone(seconds: number, sampleRate = 16000, frequency = 220): Float32Array {
  return Float32Array.from(
    { length: Math.round(seconds * sampleRate) },
    (_, t) =>
      0.2 * Math.sin((2 * Math.PI * frequency * t) / sampleRate) * Math.sin((Math.PI * 2 * t) / sampleRate),
  );
}

/** A MIDI file with one note. */
export function midiBytes(): Uint8Array {
  const events = [0, 0x90, 60, 80, 96, 0x80, 60, 0, 0, 0xff, 0x2f, 0];
  return Uint8Array.from([
    ...Buffer.from('MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0', 'latin1'),
    events.length,
    ...events,
  ]);
}
