// A process for the spec of the audio writer: writes a tone to the target that it is told, 100 samples at a time, until as
// many are written as it is told, or its reader is gone. It notes on standard error how many it has written.
import { writeSync } from 'node:fs';

import { openAudioWriter, type AudioFormat } from '../files';

const [target, samples, format] = process.argv.slice(2);

async function main(): Promise<void> {
  const writer = await openAudioWriter(target, { rate: 16000, format: format as AudioFormat | undefined });
  let written = 0;
  for (; written < Number(samples) && writer.hasReader; written += 100) {
    const from = written;
    await writer.write(Float32Array.from({ length: 100 }, (_, t) => 0.5 * Math.sin((from + t) / 10)));
    writeSync(2, `${written + 100}\n`);
  }
  await writer.close();
  writeSync(2, writer.hasReader ? 'done\n' : 'the reader is gone\n');
}

void main();
