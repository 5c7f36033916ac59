import { UserError } from '@fermata/core';
import * as tf from '@tensorflow/tfjs';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import util from 'node:util';

/** Where tensors live, best first. */
export const backendNames = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** Whether a backend can be used here, and why not. */
export interface BackendStatus {
  readonly name: BackendName;
  readonly available: boolean;
  /** What it is running on, or why it cannot, with the remedy: one line. */
  readonly reason: string;
}

/**
 * Picks the backend for everything that follows and makes it ready: the one asked for, else the one that the variable
 * FERMATA_BACKEND names, else the first of `backendNames` that works.
 *
 * @throws UserError for a name that is not a backend, and for one asked for that cannot be had here
 */
export async function selectBackend(name?: string): Promise<BackendStatus> {
  const source = name === undefined ? 'FERMATA_BACKEND' : '--backend';
  const wanted = name ?? process.env.FERMATA_BACKEND;
  if (wanted !== undefined && wanted !== '') {
    if (!isBackendName(wanted)) {
      throw new UserError(
        `${source}: ${wanted} is not a backend.`,
        `Choose one of ${backendNames.join(', ')}.`,
      );
    }
    const status = await load(wanted);
    if (!status.available) {
      throw new UserError(`${source}: the backend ${wanted} is not available: ${status.reason}.`, seeDoctor);
    }
    return activate(status);
  }
  for (const candidate of backendNames) {
    const status = await load(candidate);
    if (status.available) return activate(status);
  }
  throw new Error('no tfjs backend works here, not even cpu');
}

/** Tries each backend, best first. The one in use stays in use. */
export async function describeBackends(): Promise<BackendStatus[]> {
  const current = tf.engine().backendName;
  const statuses: BackendStatus[] = [];
  for (const name of backendNames) statuses.push(await load(name));
  if (current) await tf.setBackend(current);
  return statuses;
}

const seeDoctor = '`fermata doctor` shows which ones are.';

function isBackendName(name: string): name is BackendName {
  return (backendNames as readonly string[]).includes(name);
}

async function activate(status: BackendStatus): Promise<BackendStatus> {
  await tf.setBackend(status.name);
  return status;
}

async function load(name: BackendName): Promise<BackendStatus> {
  tf.enableProdMode(); // no banner that recommends tfjs-node
  try {
    return { name, available: true, reason: await loaders[name]() };
  } catch (error) {
    const [firstLine] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { name, available: false, reason: firstLine.replace(/\.$/, '') };
  }
}

// Each loads a backend, checks that it computes, and says what it runs on.
const loaders: Readonly<Record<BackendName, () => Promise<string>>> = {
  async tensorflow() {
    polyfillUtil();
    for (const packageName of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
      if (!isInstalled(packageName)) continue;
      await import(packageName);
      await check('tensorflow');
      return `libtensorflow through ${packageName}`;
    }
    throw new Error('@tensorflow/tfjs-node-gpu is not installed: `npm run install:gpu` installs it');
  },
  async webgpu() {
    const [dawn, backend] = ['webgpu', '@tensorflow/tfjs-backend-webgpu'];
    for (const packageName of [dawn, backend]) {
      if (!isInstalled(packageName)) {
        throw new Error(`${packageName} is not installed: \`npm run install:webgpu\` installs it`);
      }
    }
    const { create, globals } = (await import(dawn)) as DawnModule;
    const gpu = create([]);
    if ((await gpu.requestAdapter()) === null)
      throw new Error('Dawn finds no adapter: no driver for Vulkan or Metal');
    Object.assign(globalThis, globals);
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
    await import(backend);
    await check('webgpu');
    return 'Dawn';
  },
  async wasm() {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
    await check('wasm');
    return 'WebAssembly with SIMD, one thread';
  },
  async cpu() {
    await check('cpu');
    return 'plain JavaScript, slow: for tests';
  },
};

interface DawnModule {
  create(options: string[]): { requestAdapter(): Promise<unknown> };
  globals: object;
}

// tfjs-node calls two functions that Node 23 took away.
function polyfillUtil(): void {
  const functions = util as unknown as Record<string, unknown>;
  functions.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  functions.isArray ??= Array.isArray;
}

function isInstalled(packageName: string): boolean {
  return (require.resolve.paths(packageName) ?? []).some((folder) => existsSync(join(folder, packageName)));
}

async function check(name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`tfjs cannot start its backend ${name}`);
  await tf.ready();
  const sum = tf.tidy(() => tf.sum(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]))));
  const [value] = await sum.data();
  sum.dispose();
  if (value !== 12) throw new Error(`it computes ${value} where the answer is 12`);
}
