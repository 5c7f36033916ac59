import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const requireHere = createRequire(__filename);

/**
 * Finds an optional npm package and its version.
 *
 * @returns undefined if it is not installed, or if another package takes its name: the override for danfojs replaces
 *   tfjs-node with plain tfjs
 */
export function findPackage(name: string): { name: string; version: string } | undefined {
  try {
    const manifest = requireHere(`${name}/package.json`) as { name: string; version: string };
    return manifest.name === name ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Folder of an installed package. @throws Error if it is not installed */
export function packageFolder(name: string): string {
  return dirname(requireHere.resolve(`${name}/package.json`));
}
