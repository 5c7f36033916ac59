import { printable } from '@fermata/core';
import type { ProgressDisplay } from '@fermata/training';

/** Prints lines on standard output. Names in them cannot break a line or command a terminal. */
export function say(...lines: readonly string[]): void {
  console.log(lines.map(printable).join('\n'));
}

/** Prints a line on standard error, where standard output carries audio. */
export function sayAside(line: string): void {
  console.error(printable(line));
}

/** Prints a value as JSON, in which every character that is not printable is escaped. */
export function sayJson(value: unknown): void {
  // JSON.stringify itself breaks lines, and escapes the line breaks of strings.
  console.log(JSON.stringify(value, null, 2).split('\n').map(printable).join('\n'));
}

/** Prints remarks on a recording above the progress. @param name the recording, as the user named it */
export function noteOn(display: ProgressDisplay, name: string): (note: string) => void {
  return (note) => {
    display.print(`${name}: ${note}.`);
  };
}
