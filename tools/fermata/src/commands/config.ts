import { rowNamed, rowSettings, scaleNamed, scaleNames, settingsOfRow } from '@fermata/experiments';
import { jsonSchemaOf, type SettingDescription } from '@fermata/core';
import { Command, Option } from 'commander';

import { settings } from '../options';
import type { RowOptions } from '../rowOptions';

interface ConfigOptions extends Pick<RowOptions, 'scale' | 'set' | 'json'> {
  readonly schema?: boolean;
}

/** `fermata config`: every setting of a row. */
export function configCommand(): Command {
  return new Command('config')
    .summary('Print every setting of a row.')
    .description(
      'Print every setting of a row at a scale: value, default, range and meaning. ' +
        'The option --set of other commands changes settings by these names; the prefix model. is optional.',
    )
    .argument('<row>', 'number in the paper, such as 1.2')
    .addOption(
      new Option('--scale <name>', 'size of the model and its training').choices(scaleNames).default('smoke'),
    )
    .option('--set <name=value...>', "changes to the row's settings", settings)
    .option('--json', 'print the settings as JSON')
    .option('--schema', 'print JSON Schema, for editors')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata config 1.2 --scale small\n  fermata config 1.2 --schema > row.schema.json',
    )
    .action((id: string, options: ConfigOptions) => {
      const row = rowNamed(id);
      const scale = scaleNamed(options.scale);
      if (options.schema === true) {
        console.log(JSON.stringify(jsonSchemaOf(rowSettings(row, scale)), null, 2));
        return;
      }
      const described = settingsOfRow(row, scale, options.set);
      console.log(
        options.json === true
          ? JSON.stringify(described, null, 2)
          : [`#${id} ${row.title}, scale ${scale.name}`, ...described.map(describe)].join('\n'),
      );
    });
}

function describe({ path, value, default: fallback, isOptional, rule, meaning }: SettingDescription): string {
  const shown = value === undefined ? '(absent)' : JSON.stringify(value);
  const notes = [
    rule,
    ...(fallback === undefined ? [] : [`default ${JSON.stringify(fallback)}`]),
    ...(isOptional && fallback === undefined ? ['optional'] : []),
  ];
  return `${path} = ${shown}\n    ${meaning === '' ? '' : `${meaning}: `}${notes.join('; ')}`;
}
