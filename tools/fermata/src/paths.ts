import { UserError } from '@fermata/core';
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Makes a user's path absolute, relative to the folder of the command line. npm runs scripts in the package's folder
 * and passes the user's folder in INIT_CWD.
 *
 * @throws UserError for an empty path, which would mean the whole current folder
 */
export function userPath(path: string): string {
  if (path === '') throw new UserError('A path is empty.', 'Check the variable that it comes from.');
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** Makes sure that a command does not write over a file that it reads. @throws UserError that names the file */
export function requireOther(output: string, inputs: readonly string[]): void {
  const [place, ...others] = [output, ...inputs].map((path) =>
    existsSync(path) ? realpathSync(path) : path,
  );
  if (others.includes(place)) {
    throw new UserError(
      `${output}: this file is read, and would be written over.`,
      'Name another file to write.',
    );
  }
}
