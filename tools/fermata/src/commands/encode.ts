import { encodeRecording, openRecording } from '@fermata/experiments';
import { requireReadableFile, writeFileAtomic } from '@fermata/core';
import { codeStatistics } from '@fermata/evaluation';
import { Command } from 'commander';

import { useBackend, useThreads } from '../backend';
import { writeCodes } from '../codesFile';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { openChosen, splitRow, withModelOptions, type ModelOptions } from '../modelOptions';
import { codesOutput, forceOption, type OutputOptions } from '../outputs';
import { userPath } from '../paths';
import { say, noteOn } from '../say';

/** `fermata encode`: the codes of a recording. */
export function encodeCommand(): Command {
  const command = new Command('encode')
    .summary('Turn a recording into codes.')
    .description(
      'Turn a recording into the codes of a trained autoencoder, through the levels below it. ' +
        'The JSON file holds the codes, the size of their codebook, the hop in samples and the sample rate.',
    )
    .usage('[options] [row] <file> <out>')
    .argument(
      '<words...>',
      'row of the autoencoder, unless --run or --model names it; recording; JSON file to write',
    );
  return withModelOptions(command)
    .addOption(forceOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fermata encode 1.2 take.wav codes.json\n  fermata encode --run a825 take.wav codes.json',
    )
    .action(async (words: string[], options: ModelOptions & OutputOptions, self: Command) => {
      const { row, rest } = splitRow(words, ['file', 'out'], options);
      const file = userPath(rest[0]);
      await useBackend(options.backend);
      useThreads(options.threads);
      requireReadableFile(file);
      const path = codesOutput(rest[1], options, [file]);
      const said = await interruptible(async (display, signal) => {
        const opened = await openChosen(row, 'codes', self, { ...showJobs(display), signal });
        try {
          const symbols = await openRecording(opened, file, { signal, onNote: noteOn(display, rest[0]) });
          const codes = await encodeRecording(opened, symbols, {
            onProgress: (progress) => {
              display.update('codes', progress);
            },
            signal,
          });
          writeFileAtomic(path, writeCodes(opened, codes));
          const { perplexity, codesInUse } = codeStatistics([codes], opened.model.codebookSize!);
          return `${path}: ${codes.length} codes, perplexity ${perplexity.toFixed(1)}, ${codesInUse} in use`;
        } finally {
          opened.dispose();
        }
      });
      say(said);
    });
}
