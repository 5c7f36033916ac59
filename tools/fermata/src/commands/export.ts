import { exportModel } from '@fermata/experiments';
import { storedFormats, type StoredFormat } from '@fermata/training';
import { Command, Option } from 'commander';

import { useBackend } from '../backend';
import { userPath } from '../paths';
import { say } from '../say';

/** `fermata export`: a trained model as files to share. */
export function exportCommand(): Command {
  return new Command('export')
    .summary('Write a trained model into a folder.')
    .description(
      'Write the weights of a trained model (model.safetensors) and its settings, data and numbers (model.json), ' +
        'with the levels below it in folders beside them. Other commands open the folder with --model.',
    )
    .argument('<run>', 'run, or the beginning of its id: see `fermata runs`')
    .argument('<folder>', 'folder to write')
    .addOption(
      new Option('--format <name>', 'format of the weights; bf16 halves the size')
        .choices([...storedFormats])
        .default('float32'),
    )
    .addHelpText('after', '\nExample:\n  fermata export a825 models/vq-vae --format bf16')
    .action(async (run: string, folder: string, { format }: { readonly format: StoredFormat }) => {
      await useBackend(undefined);
      const files = await exportModel({ run }, userPath(folder), format);
      say(...files);
    });
}
