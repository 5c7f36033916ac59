import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Changes the current directory to the root of the repository that contains the notebook. Notebooks and the command
 * `fermata` then share runs and prepared audio (`.fermata`), and relative paths mean the same in both.
 *
 * @returns the root; outside a repository it returns the current directory unchanged
 */
export function useWorkspace(): string {
  const folder = workspaceAround(process.cwd());
  if (folder !== undefined) process.chdir(folder);
  return process.cwd();
}

// Finds the nearest folder whose package.json has npm workspaces.
function workspaceAround(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && 'workspaces' in (JSON.parse(readFileSync(manifest, 'utf8')) as object)) {
    return folder;
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : workspaceAround(parent);
}
