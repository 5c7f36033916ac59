import { decodeMuLaw, openAudioWriter, type AudioWriter } from '@fermata/audio';
import { audioRate, openRecording, reconstructRecordingChunks, type OpenedModel } from '@fermata/experiments';
import { fold, randomKey, requireReadableFile } from '@fermata/core';
import { describeDistances, DistanceMeter } from '@fermata/evaluation';
import type { SymbolArray } from '@fermata/models';
import { Command } from 'commander';

import { useBackend, useThreads } from '../backend';
import { levelSettings, withDrawOptions, type DrawOptionValues } from '../drawOptions';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { openChosen, splitRow, withModelOptions, type ModelOptions } from '../modelOptions';
import { real } from '../options';
import { audioOutput, forceOption, type OutputOptions } from '../outputs';
import { userPath } from '../paths';
import { say, sayAside, noteOn } from '../say';

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
          const symbols = await openRecording(opened, file, {
            seconds: options.seconds,
            signal,
            onNote: noteOn(display, rest[0]),
          });
          const meter = new DistanceMeter(audioRate);
          let writer: AudioWriter | undefined;
          let drawn = 0;
          try {
            for await (const { original, again } of reconstructRecordingChunks(opened, symbols, {
              settings: levelSettings(options),
              key: fold(randomKey('reconstruction'), options.seed),
              onProgress: (progress) => {
                display.update('reconstruct', progress);
              },
              signal,
            })) {
              const [before, after] = [original, again].map((symbols) => heard(opened, symbols));
              meter.push(before, after);
              // Opens the file with the first audio: a refused command leaves no file.
              writer ??= await openAudioWriter(target, { rate: audioRate });
              await writer.write(after);
              drawn += after.length;
            }
          } finally {
            await writer?.close();
          }
          return `${target}: ${(drawn / audioRate).toFixed(1)} s, ${describeDistances(meter.end())}`;
        } finally {
          opened.dispose();
        }
      }, 'Stopping: the file holds the audio so far.');
      if (target === '-') sayAside(said);
      else say(said);
    });
}

function heard({ card }: OpenedModel, symbols: SymbolArray): Float32Array {
  return decodeMuLaw(symbols, 2 ** card.bits);
}
