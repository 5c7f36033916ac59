import { fromSources } from '@fermata/testing';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Runs a program of this folder from its source, and waits for it.
 *
 * @param argument plain JSON
 * @returns what it printed, and the signal that ended it if one did
 * @throws Error with what it complained of when it failed otherwise
 */
export function runChild(
  program: string,
  argument: unknown,
  environment: NodeJS.ProcessEnv,
): { stdout: string; signal: NodeJS.Signals | null } {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...fromSources, join(__dirname, program), JSON.stringify(argument)],
    { encoding: 'utf8', env: { ...process.env, ...environment } },
  );
  if (status !== 0 && signal === null) throw new Error(stderr);
  return { stdout, signal };
}
