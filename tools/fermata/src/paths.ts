import { resolve } from 'node:path';

/**
 * A path that the user gave, made absolute from the folder where the command was typed. npm runs scripts in the
 * package's folder and tells the other one in INIT_CWD.
 */
export function userPath(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}
