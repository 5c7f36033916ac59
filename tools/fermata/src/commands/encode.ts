import { withTrainedAutoencoder } from '@fermata/experiments';
import { encodeSequence } from '@fermata/autoencoder';
import { requireWritableFile, writeFileAtomic } from '@fermata/core';
import { codeStatistics } from '@fermata/evaluation';
import { Command } from 'commander';

import { useBackend, useThreads } from '../backend';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { userPath } from '../paths';
import { trainingOf, withRowOptions, type RowOptions } from '../rowOptions';

/** `fermata encode`: the codes of a recording. */
export function encodeCommand(): Command {
  const command = new Command('encode')
    .summary('Turn a recording into codes.')
    .description('Turn a recording into the codes of an autoencoder that `fermata train` has trained.')
    .argument('<row>', 'the row of the autoencoder, such as 1.2')
    .argument('<file>', 'a recording (WAV, FLAC, MP3, OGG)')
    .argument('<out>', 'the JSON file to write: codes, how many there are, hop, sample rate');
  return withRowOptions(command)
    .addHelpText('after', '\nExample:\n  fermata encode 1.2 take.wav codes.json')
    .action(async (row: string, file: string, out: string, options: RowOptions) => {
      const path = userPath(out);
      await useBackend(options.backend);
      useThreads(options.threads);
      requireWritableFile(path, 'Choose another place for the codes.');
      const said = await interruptible((display, signal) =>
        withTrainedAutoencoder(
          {
            ...trainingOf(row, options),
            recording: userPath(file),
            needsCodes: true,
            ...showJobs(display),
            signal,
          },
          async ({ model, rate, symbols: samples }) => {
            const codes = await encodeSequence(model, samples, {
              onProgress: (progress) => {
                display.update('encode', progress);
              },
              signal,
            });
            const { hop, codes: symbols } = model;
            writeFileAtomic(path, `${JSON.stringify({ row, hop, symbols, rate, codes: [...codes] })}\n`);
            const { perplexity, codesInUse } = codeStatistics([codes], symbols);
            return `${path}: ${codes.length} codes, perplexity ${perplexity.toFixed(1)}, ${codesInUse} in use`;
          },
        ),
      );
      console.log(said);
    });
}
