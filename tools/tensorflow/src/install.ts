import { UserError } from '@fermata/core';
import { mayHaveGpu } from '@fermata/tensor';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { compileAddon, findTools, type Tools } from './compileAddon';
import { downloadWheel } from './downloadWheel';
import { unpackWheel } from './unpackWheel';

const packageName = '@tensorflow/tfjs-node-gpu';
const packageVersion = '4.22.0';
const fromWheel = "`npm run install:tensorflow -- --from-wheel` takes it from TensorFlow's wheel on PyPI.";

/** Options of `npm run install:tensorflow`. */
export interface InstallOptions {
  /** Folder whose `node_modules` gets the package: the checkout. */
  readonly root: string;
  /** True to take libtensorflow from PyPI's wheel, or the path of a downloaded wheel. */
  readonly wheel: string | boolean;
  /** Kind of wheel; by default the one with CUDA where NVIDIA's driver is. */
  readonly device?: 'gpu' | 'cpu' | undefined;
}

/**
 * Installs tfjs-node-gpu, its addon and libtensorflow, and loads them in a process of its own.
 *
 * @returns the device that TensorFlow computes on here, in words
 * @throws UserError if a download is blocked, if a tool is missing, or if the wheel is not the right one
 */
export async function install(options: InstallOptions): Promise<string> {
  const { root, wheel } = options;
  const tools = wheel === false ? undefined : toolsForWheel();
  installPackage(root);
  const folder = join(root, 'node_modules', packageName);
  if (tools === undefined) downloadLibrary(root, folder);
  else await takeFromWheel(options, tools, folder);
  return load(root);
}

// Checks before a download of 500 MB.
function toolsForWheel(): Tools {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  if (process.platform !== 'linux' || process.arch !== 'x64' || header.glibcVersionRuntime === undefined) {
    throw new UserError(
      `--from-wheel: the wheel holds libtensorflow for Linux with glibc on x64, and this is ${process.platform} on ${process.arch}.`,
      'Leave the option out.',
    );
  }
  return findTools();
}

function installPackage(root: string): void {
  const manifest = join(root, 'node_modules', packageName, 'package.json');
  if (existsSync(manifest)) {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    if (version === packageVersion) return;
  }
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { status, printed } = npm(root, ['install', ...options, `${packageName}@${packageVersion}`]);
  if (status !== 0) {
    throw new UserError(
      `${packageName} cannot be installed: ${npmError(printed)}.`,
      "Check npm's registry: `npm ping`.",
    );
  }
}

// The package's own way: its install script deletes the old libtensorflow and downloads it and the addon.
function downloadLibrary(root: string, folder: string): void {
  const [deps, kept] = [join(folder, 'deps'), join(folder, 'deps.kept')];
  if (existsSync(deps)) renameSync(deps, kept);
  console.log('Downloading libtensorflow from storage.googleapis.com …');
  const { status, printed } = npm(root, ['rebuild', packageName]);
  if (status !== 0 && existsSync(kept)) {
    rmSync(deps, { recursive: true, force: true });
    renameSync(kept, deps);
  }
  rmSync(kept, { recursive: true, force: true });
  if (status !== 0) {
    throw new UserError(`libtensorflow cannot be downloaded: ${npmError(printed)}.`, fromWheel);
  }
}

// Works in a folder of its own, so that an interruption leaves the old library.
async function takeFromWheel(options: InstallOptions, tools: Tools, folder: string): Promise<void> {
  const { wheel, device = mayHaveGpu() ? 'gpu' : 'cpu' } = options;
  const staging = join(folder, 'from-wheel');
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging);
  try {
    const name = device === 'gpu' ? 'tensorflow' : 'tensorflow-cpu';
    const file = typeof wheel === 'string' ? wheel : await downloadWheel(name, staging);
    const deps = join(staging, 'deps');
    const addon = join(staging, 'tfjs_binding.node');
    console.log(`Taking libtensorflow from ${basename(file)} …`);
    await unpackWheel(file, deps);
    console.log('Compiling the addon …');
    const started = performance.now();
    compileAddon(tools, join(folder, 'binding'), deps, addon);
    console.log(`Compiled in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    replace(deps, addon, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

// npm itself, also where another program is called npm.
function npm(root: string, args: readonly string[]): { status: number | null; printed: string } {
  const cli = process.env.npm_execpath;
  const [command, ...first] = cli === undefined ? ['npm'] : [process.execPath, cli];
  const { status, stdout, stderr, error } = spawnSync(command, [...first, ...args, '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { status, printed: error?.message ?? `${stderr}${stdout}` };
}

/** The line of npm's output that names the cause: an error of the network, else its first error. */
function npmError(printed: string): string {
  const lines = printed.split('\n').map((line) => line.replace(/^npm (ERR!|error) ?/, '').trim());
  const network =
    /\b(getaddrinfo|connect|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|certificate|socket hang up|status code \d+)\b/;
  const line = lines.find((text) => network.test(text)) ?? lines.find((text) => text.includes('Error'));
  return (line ?? lines.find((text) => text !== '') ?? 'npm says nothing').replace(/^\w*Error: |\.$/g, '');
}

// The addon is removed first and put in place last: without it nothing takes the package for complete.
function replace(deps: string, addon: string, folder: string): void {
  const place = join(folder, 'lib', 'napi-v8');
  rmSync(place, { recursive: true, force: true });
  rmSync(join(folder, 'deps'), { recursive: true, force: true });
  renameSync(deps, join(folder, 'deps'));
  mkdirSync(place, { recursive: true });
  renameSync(addon, join(place, 'tfjs_binding.node'));
}

function load(root: string): string {
  const script = `require('@fermata/tensor').selectBackend('tensorflow').then(
    ({ reason }) => console.log(reason),
    ({ message }) => { console.log(message); process.exitCode = 1; });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  const said = stdout.trim();
  if (status === 0) return said;
  throw new UserError(
    `libtensorflow is installed, but does not work: ${said || stderr.trim().split('\n').at(-1)!}`,
    '`fermata doctor` names the missing part.',
  );
}
