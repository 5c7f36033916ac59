import { InvalidArgumentError } from 'commander';

/** A parser of options that are integers of at least `least`. */
export function integer({ least }: { least: number }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`Give an integer of at least ${least}.`);
    }
    return value;
  };
}
