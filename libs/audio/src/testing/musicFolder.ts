import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { TimedDataset } from '@fermata/data';
import { encodeWav } from '../files';
import { ingest, type IngestOptions } from '../ingest';

/** Rate of the tones and of the data made from them, in Hz: low, for speed. */
export const rate = 1000;

/** Folder of music and a cache for a spec; both are emptied before each test, and its datasets are closed after it. */
export function musicFolder() {
  const temporary = mkdtempSync(join(tmpdir(), 'ingest-'));
  const folder = join(temporary, 'music');
  const cache = join(temporary, 'cache');
  const opened: TimedDataset[] = [];
  beforeEach(() => {
    mkdirSync(folder, { recursive: true });
  });
  afterEach(() => {
    for (const dataset of opened.splice(0)) dataset.close();
    rmSync(temporary, { recursive: true });
  });

  function file(name: string, contents: string | Uint8Array): void {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }

  return {
    folder,
    cache,
    file,
    /** Quiet tone, different for each `pitch`, as a WAV file. */
    tone(name: string, seconds: number, pitch = name.length): void {
      const samples = Float32Array.from(
        { length: seconds * rate },
        (_, t) => 0.1 * Math.sin((t * (pitch + 5)) / 100),
      );
      file(name, encodeWav(samples, rate, { isRecording: true }));
    },
    async ingested(options: Partial<IngestOptions> = {}): Promise<TimedDataset> {
      const dataset = await ingest({ source: folder, folder: cache, sampleRate: rate, ...options });
      opened.push(dataset);
      return dataset;
    },
  };
}
