import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const requireHere = createRequire(__filename);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

/**
 * Finds an optional npm package and its version.
 *
 * @returns undefined if it is not installed, or if a package of the workspace takes its name: danfojs gets plain tfjs in
 *   place of tfjs-node, from notebooks/tfjs-node
 */
export function findPackage(name: string): { name: string; version: string } | undefined {
  try {
    const manifest = requireHere(`${name}/package.json`) as Manifest;
    return manifest.name === name && manifest.private !== true ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Folder of an installed package. @throws Error if it is not installed */
export function packageFolder(name: string): string {
  return dirname(requireHere.resolve(`${name}/package.json`));
}
