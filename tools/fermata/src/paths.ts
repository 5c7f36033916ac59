import { UserError } from '@fermata/core';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Folder of Fermata's own package.json, with the script `start`. */
const root = join(__dirname, '../../..');

/**
 * Makes a user's path absolute, relative to the folder of the command line.
 *
 * @throws UserError for an empty path, which would mean the whole current folder
 */
export function userPath(path: string): string {
  if (path === '') throw new UserError('A path is empty.', 'Check the variable that it comes from.');
  return resolve(userFolder(), path);
}

// npm runs Fermata's scripts in Fermata's folder, and passes the user's folder in INIT_CWD. Processes that the script of
// another package starts inherit an INIT_CWD too, but it says nothing about their own folder.
function userFolder(): string {
  const { INIT_CWD: folder, npm_package_json: manifest } = process.env;
  const own = realpathSync(root);
  const isOwnScript = [manifest && dirname(manifest), process.cwd()].every(
    (place) => place && existsSync(place) && realpathSync(place) === own,
  );
  return isOwnScript && folder ? folder : process.cwd();
}
