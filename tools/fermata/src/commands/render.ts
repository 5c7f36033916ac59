import { Piano, pianoRate, readMidi, writeWav } from '@fermata/audio';
import { UserError } from '@fermata/core';
import { audioFolder, requireWritableCache } from '@fermata/experiments';
import { Command } from 'commander';
import { extname, join } from 'node:path';

import { audioOutput, forceOption, type OutputOptions } from '../outputs';
import { userPath } from '../paths';
import { say } from '../say';

/** `fermata render`: a MIDI performance as sound. */
export function renderCommand(): Command {
  return new Command('render')
    .description('Play a MIDI file on the sampled piano, into a 16 kHz mono WAV file.')
    .argument('<midi>', 'the MIDI file')
    .argument('<wav>', 'the WAV file to write')
    .addOption(forceOption())
    .addHelpText('after', '\nExample:\n  fermata render sonata.mid sonata.wav')
    .action(async (midi: string, wav: string, options: OutputOptions) => {
      const performance = readMidi(userPath(midi));
      const path = wavOutput(wav, options, userPath(midi));
      requireWritableCache();
      const piano = new Piano(join(audioFolder(), 'piano'));
      const samples = await piano.render(performance);
      writeWav(path, samples, pianoRate);
      say(`${wav}: ${(samples.length / pianoRate).toFixed(1)} s`);
    });
}

/** @throws UserError for a name of another format, and as {@link audioOutput} does */
function wavOutput(wav: string, options: OutputOptions, midi: string): string {
  if (extname(wav).toLowerCase() !== '.wav') {
    throw new UserError(`${wav}: the piano is written as WAV.`, 'End the name in .wav.');
  }
  return audioOutput(wav, options, [midi]);
}
