import { dirname, join } from 'node:path';

import { writeFileAtomic } from '@fermata/core';

/**
 * Writes the description of the tslab kernel in this checkout's node_modules into a folder of kernels:
 * `kernels/tslab/kernel.json`. Jupyter finds it if JUPYTER_PATH names `folder`.
 *
 * @param preloaded module that the kernel's process loads before tslab
 * @returns folder of the description
 */
export function writeKernelSpec(folder: string, preloaded?: string): string {
  const tslab = join(dirname(require.resolve('tslab/package.json')), 'bin', 'tslab');
  const options = preloaded === undefined ? [] : ['--require', preloaded];
  const spec = {
    argv: [process.execPath, ...options, tslab, 'kernel', '--config-path', '{connection_file}'],
    display_name: 'TypeScript (tslab)',
    language: 'typescript',
  };
  const kernel = join(folder, 'kernels', 'tslab');
  writeFileAtomic(join(kernel, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
  return kernel;
}
