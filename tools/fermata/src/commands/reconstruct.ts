import { decodeMuLaw, writeWav } from '@fermata/audio';
import { reconstructSequence } from '@fermata/autoencoder';
import { fold, randomKey, requireWritableFile } from '@fermata/core';
import { describeDistances, distancesOf, withTrainedAutoencoder } from '@fermata/experiments';
import { weightFormats, type WeightFormat } from '@fermata/kernels';
import { Command, Option } from 'commander';

import { useBackend, useThreads } from '../backend';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { integer, real } from '../options';
import { userPath } from '../paths';
import { trainingOf, withRowOptions, type RowOptions } from '../rowOptions';

interface ReconstructOptions extends RowOptions {
  readonly seconds?: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP: number;
  readonly weights: WeightFormat;
}

/** `fermata reconstruct`: a recording through its codes and back. */
export function reconstructCommand(): Command {
  const command = new Command('reconstruct')
    .summary('Encode a recording and sample it again.')
    .description(
      'Encode a recording and sample it again from its codes (section 4.1), or from what a continuous\n' +
        'bottleneck lets through, with an autoencoder that `fermata train` has trained.',
    )
    .argument('<row>', 'the row of the autoencoder, such as 1.2')
    .argument('<file>', 'a recording (WAV, FLAC, MP3, OGG)')
    .argument('<out>', 'the WAV file to write');
  return withRowOptions(command)
    .option('--seconds <number>', 'how much of it, from its beginning; else all', real({ above: 0 }))
    .option('--temperature <number>', '0 takes the most probable symbol each time', real({ from: 0 }), 1)
    .option('--top-k <number>', 'draw among so many of the most probable symbols', integer({ least: 1 }))
    .option(
      '--top-p <share>',
      'draw among the most probable symbols of this share',
      real({ above: 0, to: 1 }),
      1,
    )
    .addOption(
      new Option('--weights <format>', 'of the sampler: fewer bits are faster and less exact')
        .choices([...weightFormats])
        .default('fp32'),
    )
    .addHelpText('after', '\nExample:\n  fermata reconstruct 1.2 take.wav again.wav --seconds 10')
    .action(async (row: string, file: string, out: string, options: ReconstructOptions) => {
      const { seconds, temperature, topK, topP, weights, seed } = options;
      const path = userPath(out);
      await useBackend(options.backend);
      useThreads(options.threads);
      requireWritableFile(path, 'Choose another place for the WAV file.');
      const said = await interruptible((display, signal) =>
        withTrainedAutoencoder(
          {
            ...trainingOf(row, options),
            recording: userPath(file),
            seconds,
            needsCodes: false,
            ...showJobs(display),
            signal,
          },
          async ({ model, rate, symbols: samples }) => {
            const symbols = await reconstructSequence({
              model,
              sequence: samples,
              key: fold(randomKey('reconstruction'), seed),
              temperature,
              ...(topK !== undefined && { topK }),
              topP,
              weights,
              onProgress: (progress) => {
                display.update('reconstruct', progress);
              },
              signal,
            });
            const again = decodeMuLaw(symbols, model.symbols);
            writeWav(path, again, rate);
            const original = decodeMuLaw(samples.subarray(0, symbols.length), model.symbols);
            return `${path}: ${(again.length / rate).toFixed(1)} s, ${describeDistances(distancesOf(original, again, rate))}`;
          },
        ),
      );
      console.log(said);
    });
}
