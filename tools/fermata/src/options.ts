import { isRow, type Settings } from '@fermata/experiments';
import { InvalidArgumentError } from 'commander';

/** Parses an option that is an integer from `least` to `most`. */
export function integer({
  least,
  most = Infinity,
}: {
  least: number;
  most?: number;
}): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(
        most === Infinity
          ? `Give an integer of at least ${least}.`
          : `Give an integer from ${least} to ${most}.`,
      );
    }
    return value;
  };
}

/** Parses a number of threads, up to the most that the kernels take. */
export const threadCount = integer({ least: 1, most: 999 });

/** Parses such integers separated by commas: `1,2,3`. */
export function integers(range: { least: number }): (text: string) => number[] {
  return (text) => text.split(',').map(integer(range));
}

/** Parses an option that is a number in a range. */
export function real({ from = -Infinity, above = -Infinity, to = Infinity }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < from || value <= above || value > to) {
      const bounds = [
        ...(from > -Infinity ? [`of at least ${from}`] : []),
        ...(above > -Infinity ? [`above ${above}`] : []),
        ...(to < Infinity ? [`up to ${to}`] : []),
      ];
      throw new InvalidArgumentError(`Give a number ${bounds.join(', ')}.`);
    }
    return value;
  };
}

/** Parses repeated `name=value`; values are numbers, JSON lists or words. */
export function settings(text: string, before: Settings = {}): Settings {
  const match = /^([^=\s]+)=(.+)$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError(
      `Give a name and a value: quantiser.alpha=0.9.${isRow(text) ? ' A row comes before the options.' : ''}`,
    );
  }
  const [, name, value] = match;
  return { ...before, [name]: valueOf(value) };
}

// Numbers such as .001, 1. and +1 are none in JSON.
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function valueOf(text: string): Settings[string] {
  if (decimal.test(text.trim())) return Number(text);
  try {
    return JSON.parse(text) as Settings[string];
  } catch {
    return text;
  }
}
