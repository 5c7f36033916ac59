import { decodeMuLaw, openAudioWriter, type AudioWriter } from '@fermata/audio';
import { levelsOfOpened, settingsByLevel } from '@fermata/experiments';
import { fold, randomKey } from '@fermata/core';
import { generateChunks, givenCodes } from '@fermata/models';
import { Command } from 'commander';

import { backendOption, useBackend, useThreads } from '../backend';
import { readCodes, requireCodesOf } from '../codesFile';
import { levelSettings, withDrawOptions, type DrawOptionValues } from '../drawOptions';
import { interruptible } from '../interruptible';
import { openNamed, withRunOptions, type ModelOptions } from '../modelOptions';
import { integer, threadCount } from '../options';
import { audioOutput, forceOption, type OutputOptions } from '../outputs';
import { userPath } from '../paths';
import { say, sayAside } from '../say';

interface DecodeOptions
  extends Pick<ModelOptions, 'run' | 'model' | 'threads' | 'backend'>, DrawOptionValues, OutputOptions {
  readonly seed: number;
}

/** `fermata decode`: audio from codes. */
export function decodeCommand(): Command {
  const command = new Command('decode')
    .summary('Turn codes into audio.')
    .description(
      'Draw audio from codes written by `fermata encode`, level by level. The file names the run of its autoencoder; --run or --model names another copy of it.',
    )
    .argument('<codes>', 'JSON file of codes')
    .argument('<out>', 'audio file to write (.wav, .flac, .mp3, .ogg), or - for standard output');
  return withDrawOptions(withRunOptions(command))
    .option('--seed <number>', 'seed of the draw', integer({ least: 0 }), 1)
    .option(
      '--threads <number>',
      'threads to compute with (also FERMATA_THREADS); else one per processor',
      threadCount,
    )
    .addOption(backendOption())
    .addOption(forceOption())
    .addHelpText('after', '\nExample:\n  fermata decode codes.json again.wav --temperature 0.9')
    .action(async (codesPath: string, out: string, options: DecodeOptions) => {
      const path = userPath(codesPath);
      const target = audioOutput(out, options, [path]);
      await useBackend(options.backend);
      useThreads(options.threads);
      const said = await interruptible(async (display, signal) => {
        const file = readCodes(path);
        const isNamed = options.run !== undefined || options.model !== undefined;
        const opened = openNamed(isNamed ? options : { run: file.run }, 'codes');
        try {
          requireCodesOf(path, file, opened);
          const settings = levelSettings(options);
          const levels = levelsOfOpened(opened, settingsByLevel(opened, settings));
          const { codes } = file;
          let writer: AudioWriter | undefined;
          try {
            for await (const [symbols] of generateChunks({
              ...settings.all,
              prior: givenCodes(file.codebookSize, [codes]),
              levels,
              timesteps: codes.length * file.hop,
              keys: [fold(randomKey('reconstruction'), options.seed)],
              onProgress: (progress) => {
                display.update('audio', progress);
              },
              signal,
            })) {
              writer ??= await openAudioWriter(target, { rate: file.rate });
              await writer.write(decodeMuLaw(symbols, 2 ** opened.card.bits));
            }
          } finally {
            await writer?.close();
          }
          return `${target}: ${((codes.length * file.hop) / file.rate).toFixed(1)} s from ${codes.length} codes`;
        } finally {
          opened.dispose();
        }
      });
      if (target === '-') sayAside(said);
      else say(said);
    });
}
