import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findPackage, packageFolder } from '../packages';
import { tensorflowPackages } from './load';
import { canLoad, driverLibrary } from './sharedLibrary';

/** Part that TensorFlow's backend needs. */
export interface TensorflowPart {
  readonly name: string;
  readonly present: boolean;
  /** The part, or the missing files and the remedy: one line. */
  readonly detail: string;
}

/** Facts about this machine that decide on the parts. */
export interface TensorflowMachine {
  readonly platform: NodeJS.Platform;
  /** Package with the backend, and its folder; undefined if there is none. */
  readonly installed:
    { readonly name: string; readonly version: string; readonly folder: string } | undefined;
  readonly canLoad: (library: string) => boolean;
}

/** Libraries that libtensorflow 2.9.1 opens on a GPU, under the names that it asks for. */
export const cudaLibraries = [
  'libcudart.so.11.0',
  'libcublas.so.11',
  'libcublasLt.so.11',
  'libcufft.so.10',
  'libcurand.so.10',
  'libcusolver.so.11',
  'libcusparse.so.11',
];
export const cudnnLibraries = ['libcudnn.so.8'];

const install = '`npm run install:gpu`';
const fromWheel = 'npm run install:tensorflow -- --from-wheel';

/**
 * Lists the parts of TensorFlow's backend in the order of their need, each present or with its remedy: the npm package,
 * its addon and libtensorflow; on Linux also NVIDIA's driver, CUDA and cuDNN, without which it computes on the CPU.
 */
export function tensorflowParts(machine: TensorflowMachine = thisMachine()): TensorflowPart[] {
  const parts = [npmPackage(machine), addon(machine), library(machine)];
  if (machine.platform !== 'linux') return parts;
  return [
    ...parts,
    libraries('NVIDIA driver', [driverLibrary], machine, "install NVIDIA's driver, if there is a GPU"),
    libraries(
      'CUDA 11.2',
      cudaLibraries,
      machine,
      'install CUDA 11.2 and put its lib64 into LD_LIBRARY_PATH',
    ),
    libraries(
      'cuDNN 8.1',
      cudnnLibraries,
      machine,
      'install cuDNN 8.1 for CUDA 11.2 and put its folder into LD_LIBRARY_PATH',
    ),
  ];
}

function thisMachine(): TensorflowMachine {
  const found = tensorflowPackages.map(findPackage).find((manifest) => manifest !== undefined);
  const installed = found && { ...found, folder: packageFolder(found.name) };
  return { platform: process.platform, installed, canLoad };
}

function npmPackage({ installed }: TensorflowMachine): TensorflowPart {
  const name = 'npm package';
  if (installed !== undefined) return present(name, `${installed.name} ${installed.version}`);
  return missing(name, `${tensorflowPackages[0]} is not installed: ${install} installs it`);
}

// The usual download and the script put the addon into a folder such as lib/napi-v8.
function addon({ installed }: TensorflowMachine): TensorflowPart {
  const name = 'addon';
  const folder = installed && join(installed.folder, 'lib');
  const found = filesIn(folder)
    .map((version) => join(version, 'tfjs_binding.node'))
    .find((file) => existsSync(join(folder!, file)));
  if (found !== undefined) return present(name, join('lib', found));
  return missing(name, `tfjs_binding.node is missing: ${install} fetches it, \`${fromWheel}\` compiles it`);
}

function library({ installed, canLoad }: TensorflowMachine): TensorflowPart {
  const name = 'libtensorflow';
  const deps = installed && join(installed.folder, 'deps');
  const found = filesIn(deps && join(deps, 'lib')).find((file) =>
    /^(lib)?tensorflow\.|^_pywrap_tensorflow_internal\.so$/.test(file),
  );
  if (deps === undefined || found === undefined) {
    return missing(name, `it is missing: ${install} downloads it, \`${fromWheel}\` takes it from a wheel`);
  }
  const wheel = wheelName(join(deps, 'METADATA'));
  if (wheel === 'tensorflow-cpu' && canLoad(driverLibrary)) {
    return missing(
      name,
      `the wheel ${wheel} has no CUDA: \`${fromWheel} --device gpu\` takes the one with CUDA`,
    );
  }
  return present(name, wheel === undefined ? join('deps', 'lib', found) : `from the wheel ${wheel}`);
}

function libraries(
  name: string,
  files: readonly string[],
  { canLoad }: TensorflowMachine,
  remedy: string,
): TensorflowPart {
  const absent = files.filter((file) => !canLoad(file));
  if (absent.length === 0) return present(name, files.join(', '));
  return missing(name, `${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} not found: ${remedy}`);
}

function present(name: string, detail: string): TensorflowPart {
  return { name, present: true, detail };
}

function missing(name: string, detail: string): TensorflowPart {
  return { name, present: false, detail };
}

function filesIn(folder: string | undefined): string[] {
  return folder !== undefined && existsSync(folder) ? readdirSync(folder) : [];
}

// The script that takes libtensorflow from a wheel keeps the wheel's METADATA beside it.
function wheelName(metadata: string): string | undefined {
  return existsSync(metadata) ? /^Name: *(\S+)/m.exec(readFileSync(metadata, 'utf8'))?.[1] : undefined;
}
