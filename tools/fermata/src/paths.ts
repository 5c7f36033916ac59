import { UserError } from '@fermata/core';
import { resolve } from 'node:path';

/**
 * A path that the user gave, made absolute from the folder where the command was typed. npm runs scripts in the
 * package's folder and tells the other one in INIT_CWD.
 *
 * @throws UserError for an empty one, which would stand for the whole current folder
 */
export function userPath(path: string): string {
  if (path === '') throw new UserError('A path is empty.', 'Check the variable that it comes from.');
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
