import { openAudioWriter, type AudioWriter } from '@fermata/audio';
import {
  audioRate,
  generateAudio,
  openRecording,
  systemNamed,
  systemNames,
  type OpenedModel,
} from '@fermata/experiments';
import { requireReadableFile, UserError } from '@fermata/core';
import { Command, Option } from 'commander';
import { extname } from 'node:path';

import { useBackend, useThreads } from '../backend';
import { readCodes, requireCodesOf, type CodesFile } from '../codesFile';
import { levelSettings, withDrawOptions, type DrawOptionValues } from '../drawOptions';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { openChosen, withModelOptions, type ModelOptions } from '../modelOptions';
import { integer, real } from '../options';
import { audioOutput, forceOption, keptOutput, type OutputOptions } from '../outputs';
import { userPath } from '../paths';
import { say, sayAside, noteOn } from '../say';

interface GenerateOptions extends ModelOptions, DrawOptionValues, OutputOptions {
  readonly system?: string;
  readonly seconds: number;
  readonly out: string;
  readonly count: number;
  readonly prompt?: string;
  readonly codes?: string;
  readonly keepCodes?: string;
}

/** `fermata generate`: music from nothing, or continued from a recording. */
export function generateCommand(): Command {
  const command = new Command('generate')
    .summary('Generate music, or continue a recording.')
    .description(
      'Generate music with a trained system: its prior draws codes, and its autoencoders draw audio from the codes, level by level ' +
        '(section 4.4). The file grows while the music is drawn; after Ctrl-C it holds the music so far.',
    )
    .argument('[row]', 'row of a prior, such as 2.1 or 1.3-prior, in place of a system');
  return withDrawOptions(withModelOptions(command, { draws: true }))
    .addOption(
      new Option('--system <number>', 'system of Table 3; 3.4 unless a model is named').choices([
        ...systemNames,
      ]),
    )
    .option('--seconds <number>', 'seconds to draw', real({ above: 0 }), 30)
    .option('--out <file>', 'audio file (.wav, .flac, .mp3, .ogg), or - for standard output', 'music.wav')
    .option(
      '--count <number>',
      'pieces to draw at once: music-1.wav, music-2.wav, …',
      integer({ least: 1 }),
      1,
    )
    .option('--prompt <recording>', 'recording to begin with and continue')
    .option('--codes <file>', 'codes of the highest level to begin with, as `fermata encode` writes them')
    .option(
      '--keep-codes <file>',
      'file that keeps all codes, from which the same command continues after a kill',
    )
    .addOption(forceOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fermata generate --system 3.4 --seconds 60 --out take.wav' +
        '\n  fermata generate 2.1 --prompt take.wav --temperature 0.95 --out on.flac' +
        '\n  fermata generate --run a825 --temperature 1,2:0.9 --out - | aplay' +
        '\n\n2:0.9 is a setting for level 2 alone. Level 1 draws audio; the highest level is the prior.',
    )
    .action(async (row: string | undefined, options: GenerateOptions, self: Command) => {
      const { targets, keep } = placesOf(options);
      for (const path of [options.prompt, options.codes]) {
        if (path !== undefined) requireReadableFile(userPath(path));
      }
      await useBackend(options.backend);
      useThreads(options.threads);
      const said = await interruptible(async (display, signal) => {
        const opened = await openChosen(priorOf(row, options), 'prior', self, {
          ...showJobs(display),
          signal,
        });
        try {
          const prompt =
            options.prompt === undefined
              ? undefined
              : await openRecording(opened, userPath(options.prompt), {
                  signal,
                  onNote: noteOn(display, options.prompt),
                });
          const codes = options.codes === undefined ? undefined : codesFor(userPath(options.codes), opened);
          const writers: AudioWriter[] = [];
          const started = performance.now();
          let drawn = 0;
          let before: number | undefined; // the prompt, and everything kept
          let pace = 0;
          try {
            for await (const pieces of generateAudio({
              opened,
              seconds: options.seconds,
              seed: options.seed,
              count: options.count,
              settings: levelSettings(options),
              prompt,
              codes: codes?.codes,
              keep,
              onProgress: (progress) => {
                before ??= progress.done;
                pace = (progress.done - before) / audioRate / ((performance.now() - started) / 1000);
                display.update('music', { ...progress, detail: `${pace.toFixed(2)} × real time` });
              },
              signal,
            })) {
              // Opens the files with the first music: a refused command leaves no file.
              for (const target of targets.slice(writers.length)) {
                writers.push(await openAudioWriter(target, { rate: audioRate }));
              }
              for (const [index, samples] of pieces.entries()) await writers[index].write(samples);
              drawn += pieces[0].length;
            }
          } finally {
            for (const writer of writers) await writer.close();
          }
          const seconds = (drawn / audioRate).toFixed(1);
          return `${targets.join(', ')}: ${seconds} s, ${pace.toFixed(2)} × real time`;
        } finally {
          opened.dispose();
        }
      }, 'Stopping: the file holds the music so far.');
      if (targets[0] === '-') sayAside(said);
      else say(said);
    });
}

/** Row of the prior that a command names; undefined with --run or --model. */
function priorOf(row: string | undefined, { system, run, model }: GenerateOptions): string | undefined {
  const named = Object.entries({ row, '--system': system, '--run': run, '--model': model })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (named.length > 1) {
    throw new UserError(`${named.join(' and ')} name two models.`, 'Leave one out.');
  }
  if (run !== undefined || model !== undefined) return undefined;
  return row ?? systemNamed(system ?? '3.4').prior;
}

/** Places of the audio files, one for each piece, and of the kept codes. */
function placesOf(options: GenerateOptions): { targets: string[]; keep: string | undefined } {
  const { out, count, prompt, codes, keepCodes } = options;
  if (count > 1 && out === '-') {
    throw new UserError(
      'Standard output takes only one piece of music.',
      'Leave out --count, or name a file with --out.',
    );
  }
  const inputs = [prompt, codes].filter((path) => path !== undefined).map(userPath);
  const keep = keepCodes === undefined ? undefined : keptOutput(keepCodes, options, inputs);
  const extension = extname(out);
  const stem = out.slice(0, out.length - extension.length);
  const names =
    count === 1 ? [out] : Array.from({ length: count }, (_, index) => `${stem}-${index + 1}${extension}`);
  const others = keep === undefined ? inputs : [...inputs, keep];
  return { targets: names.map((name) => audioOutput(name, options, others)), keep };
}

function codesFor(path: string, opened: OpenedModel): CodesFile {
  const file = readCodes(path);
  const top = opened.below.at(-1);
  if (top !== undefined) requireCodesOf(path, file, top);
  return file;
}
