import type { LevelSettings } from '@fermata/experiments';
import { weightFormats, type WeightFormat } from '@fermata/kernels';
import type { DrawSettings } from '@fermata/models';
import { InvalidArgumentError, type Command } from 'commander';

import { integer, real } from './options';

/** A value for all levels, with values for single levels. */
export interface ByLevel<T> {
  readonly all?: T;
  readonly levels: ReadonlyMap<number, T>;
}

/** Draw options, each for all levels or for one. */
export interface DrawOptionValues {
  readonly temperature?: ByLevel<number>;
  readonly topK?: ByLevel<number>;
  readonly topP?: ByLevel<number>;
  readonly weights?: ByLevel<WeightFormat>;
}

/**
 * Adds the draw options to a command: `--temperature 0.9` for all levels, `--temperature 1,2:0.9` with a different
 * value for level 2.
 */
export function withDrawOptions(command: Command): Command {
  return command
    .option(
      '--temperature <number>',
      '0 always takes the most probable symbol; 1 unless given',
      byLevel(real({ from: 0 })),
    )
    .option(
      '--top-k <number>',
      'number of most probable symbols to draw among',
      byLevel(integer({ least: 1 })),
    )
    .option(
      '--top-p <share>',
      'draw among the fewest most probable symbols with this share of the probability',
      byLevel(real({ above: 0, to: 1 })),
    )
    .option(
      '--weights <format>',
      `format of the sampler's weights, ${weightFormats.join(', ')}: fewer bits are faster and less exact`,
      byLevel(weightFormat),
    );
}

/** Settings of all levels and of single ones, from the options. */
export function levelSettings({ temperature, topK, topP, weights }: DrawOptionValues): LevelSettings {
  const values = { temperature, topK, topP, weights };
  const at = (level: number | undefined): DrawSettings =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => {
        const given = level === undefined ? value?.all : value?.levels.get(level);
        return given === undefined ? [] : [[name, given]];
      }),
    );
  const levels = new Set(Object.values(values).flatMap((value) => [...(value?.levels.keys() ?? [])]));
  return { all: at(undefined), levels: new Map([...levels].map((level) => [level, at(level)])) };
}

function byLevel<T>(parse: (text: string) => T): (text: string, before?: ByLevel<T>) => ByLevel<T> {
  return (text, before = { levels: new Map() }) =>
    text.split(',').reduce((values: ByLevel<T>, part) => {
      const match = /^(\d+):(.*)$/.exec(part);
      if (match === null) return { ...values, all: parse(part) };
      return { ...values, levels: new Map([...values.levels, [Number(match[1]), parse(match[2])]]) };
    }, before);
}

function weightFormat(text: string): WeightFormat {
  const found = weightFormats.find((format) => format === text);
  if (found === undefined) throw new InvalidArgumentError(`Give one of ${weightFormats.join(', ')}.`);
  return found;
}
