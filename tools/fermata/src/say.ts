import { printable } from '@fermata/core';

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
