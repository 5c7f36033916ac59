import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes the folder of the repository the current one, wherever in it the notebook lies. So notebooks and the command
 * `fermata` find each other's runs and prepared audio (`.fermata`), and relative paths mean the same in both.
 *
 * @returns that folder; outside a repository the current folder stays what it is
 */
export function useWorkspace(): string {
  const folder = workspaceAround(process.cwd());
  if (folder !== undefined) process.chdir(folder);
  return process.cwd();
}

// The nearest folder whose package.json has npm workspaces.
function workspaceAround(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && 'workspaces' in (JSON.parse(readFileSync(manifest, 'utf8')) as object)) {
    return folder;
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : workspaceAround(parent);
}
