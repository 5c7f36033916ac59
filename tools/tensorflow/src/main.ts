import { UserError } from '@fermata/core';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { install, type InstallOptions } from './install';

const root = join(__dirname, '../../..');

const usage = `usage: npm run install:tensorflow -- [--from-wheel [WHEEL]] [--device gpu|cpu]
Install @tensorflow/tfjs-node-gpu with libtensorflow, for the backend tensorflow.
  (no option)           download libtensorflow and the addon from storage.googleapis.com
  --from-wheel          take libtensorflow from TensorFlow's wheel on PyPI and compile the addon:
                        for Linux on x64 with a C++ compiler; it needs no Python
  --from-wheel WHEEL    take it from a wheel that was downloaded before
  --device gpu          choose the wheel with CUDA (512 MB): the default where NVIDIA's driver is
  --device cpu          choose the wheel without CUDA (207 MB): the default elsewhere`;

function readArguments(args: string[]): InstallOptions | undefined {
  const mistake = (problem: string) => new UserError(`install:tensorflow: ${problem}`, `\n${usage}`);
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        'from-wheel': { type: 'boolean', default: false },
        device: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw mistake((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help === true) return undefined;
  const { 'from-wheel': wheel, device } = values;
  if (positionals.length > (wheel ? 1 : 0)) throw mistake(`${positionals.at(-1)!}?`);
  if (device !== undefined && device !== 'gpu' && device !== 'cpu') throw mistake(`--device ${device}?`);
  // npm starts this in the root: a relative path begins where the user stood.
  const named = positionals.map((path) => resolve(process.env.INIT_CWD ?? '', path));
  return { root, wheel: wheel && (named[0] ?? true), device };
}

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) {
    console.log(usage);
    return;
  }
  console.log(`The backend tensorflow works: ${await install(options)}.`);
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
