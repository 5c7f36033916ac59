import { InvalidArgumentError } from 'commander';

/** A parser of options that are integers of at least `least`. */
export function integerOption(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`${name} takes an integer of at least ${least}.`);
    }
    return value;
  };
}
