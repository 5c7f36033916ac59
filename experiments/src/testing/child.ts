import { fromSources } from '@fermata/testing';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * Runs a program of this folder from its source, and waits for it.
 *
 * @param argument plain JSON
 * @returns its output, and the signal that ended it, if any
 * @throws Error with its complaint if it failed otherwise
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

/** Does the same for a program that starts others, in its own process group, which it may end as a whole. */
export async function runChildGroup(
  program: string,
  argument: unknown,
  environment: NodeJS.ProcessEnv,
): Promise<{ stdout: string; signal: NodeJS.Signals | null }> {
  const child = spawn(
    process.execPath,
    [...fromSources, join(__dirname, program), JSON.stringify(argument)],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
  );
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (printed.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (printed.stderr += text.toString()));
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (status !== 0 && signal === null) throw new Error(printed.stderr);
  return { stdout: printed.stdout, signal };
}
