import { decodeMuLaw, openAudioWriter } from '@fermata/audio';
import { audioRate, openRecording, reconstructRecording, type OpenedModel } from '@fermata/experiments';
import { fold, randomKey, requireReadableFile } from '@fermata/core';
import { describeDistances, distancesOf } from '@fermata/evaluation';
import { Command } from 'commander';

import { useBackend, useThreads } from '../backend';
import { levelSettings, withDrawOptions, type DrawOptionValues } from '../drawOptions';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { openChosen, splitRow, withModelOptions, type ModelOptions } from '../modelOptions';
import { real } from '../options';
import { audioOutput, forceOption, type OutputOptions } from '../outputs';
import { userPath } from '../paths';
import { say, sayAside } from '../say';

interface ReconstructOptions extends ModelOptions, DrawOptionValues, OutputOptions {
  readonly seconds?: number;
}

/** `fermata reconstruct`: a recording through its codes and back. */
export function reconstructCommand(): Command {
  const command = new Command('reconstruct')
    .summary('Encode a recording and draw it again.')
    .description(
      'Encode a recording with a trained autoencoder and draw it again from its codes (section 4.1), or through a ' +
        'continuous bottleneck. The levels below an autoencoder of codes turn them into audio.',
    )
    .usage('[options] [row] <file> <out>')
    .argument(
      '<words...>',
      'row of the autoencoder, unless --run or --model names it; recording; audio file to write (.wav, .flac, .mp3, .ogg)',
    );
  return withDrawOptions(withModelOptions(command))
    .option('--seconds <number>', 'length from the beginning; else all', real({ above: 0 }))
    .addOption(forceOption())
    .addHelpText('after', '\nExample:\n  fermata reconstruct 1.2 take.wav again.wav --seconds 10')
    .action(async (words: string[], options: ReconstructOptions, self: Command) => {
      const { row, rest } = splitRow(words, ['file', 'out'], options);
      const file = userPath(rest[0]);
      await useBackend(options.backend);
      useThreads(options.threads);
      requireReadableFile(file);
      const target = audioOutput(rest[1], options, [file]);
      const said = await interruptible(async (display, signal) => {
        const opened = await openChosen(row, 'reconstruction', self, { ...showJobs(display), signal });
        try {
          const samples = await openRecording(opened, file, { seconds: options.seconds, signal });
          const symbols = await reconstructRecording(opened, samples, {
            settings: levelSettings(options),
            key: fold(randomKey('reconstruction'), options.seed),
            onProgress: (progress) => {
              display.update('reconstruct', progress);
            },
            signal,
          });
          const again = heard(opened, symbols);
          const writer = await openAudioWriter(target, { rate: audioRate });
          try {
            await writer.write(again);
          } finally {
            await writer.close();
          }
          const original = heard(opened, samples.subarray(0, symbols.length));
          const distances = describeDistances(distancesOf(original, again, audioRate));
          return `${target}: ${(again.length / audioRate).toFixed(1)} s, ${distances}`;
        } finally {
          opened.dispose();
        }
      });
      if (target === '-') sayAside(said);
      else say(said);
    });
}

function heard({ card }: OpenedModel, symbols: Int32Array): Float32Array {
  return decodeMuLaw(symbols, 2 ** card.bits);
}
