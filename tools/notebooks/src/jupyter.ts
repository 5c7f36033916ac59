import { spawnSync } from 'node:child_process';

import { UserError } from '@fermata/core';

/**
 * Runs `jupyter` and returns its output.
 *
 * @throws UserError if Jupyter or the subcommand is not installed
 */
export function jupyter(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): JupyterResult {
  const { error, status, stdout, stderr } = spawnSync('jupyter', args, {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const missing = error !== undefined || stderr.includes(`\`jupyter-${args[0]}\` not found`);
  if (missing) {
    throw new UserError(
      `jupyter ${args[0]} cannot be run: it is not installed, or not on the PATH.`,
      'Install it with `pip install nbconvert`, or on Debian and Ubuntu with `apt install jupyter-nbconvert jupyter-client`.',
      { cause: error },
    );
  }
  return { succeeded: status === 0, printed: `${stdout}${stderr}` };
}

export interface JupyterResult {
  readonly succeeded: boolean;
  readonly printed: string;
}
