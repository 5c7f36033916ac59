import { UserError } from '@fermata/core';
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
