import { requireWritableFile } from '@fermata/core';
import { Piano, pianoRate, readMidi, writeWav } from '@fermata/audio';
import { audioFolder, requireWritableCache } from '@fermata/experiments';
import { Command } from 'commander';
import { join } from 'node:path';

import { userPath } from '../paths';

/** `fermata render`: a MIDI performance as sound. */
export function renderCommand(): Command {
  return new Command('render')
    .description('Play a MIDI file on the sampled piano, into a 16 kHz mono WAV file.')
    .argument('<midi>', 'the MIDI file')
    .argument('<wav>', 'the WAV file to write')
    .addHelpText('after', '\nExample:\n  fermata render sonata.mid sonata.wav')
    .action(async (midi: string, wav: string) => {
      const performance = readMidi(userPath(midi));
      requireWritableFile(userPath(wav), 'Choose another place for the WAV file.');
      requireWritableCache();
      const piano = new Piano(join(audioFolder(), 'piano'));
      const samples = await piano.render(performance);
      writeWav(userPath(wav), samples, pianoRate);
      console.log(`${wav}: ${(samples.length / pianoRate).toFixed(1)} s`);
    });
}
