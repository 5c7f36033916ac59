import { UserError } from '@fermata/core';
import { kernelsStatus } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';

import { registerNativeBackend } from './native/nativeBackend';
import { replaceWasmKernels } from './wasmKernels';

/** Backends that hold tensors, best first. */
export const backendNames = ['tensorflow', 'webgpu', 'native', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** Tells if a backend can be used here, and if not, why. */
export interface BackendStatus {
  readonly name: BackendName;
  readonly available: boolean;
  /** Runs in software that imitates a GPU: good for checks, but never picked unless asked for. */
  readonly emulated: boolean;
  /** Device that it runs on, or why it cannot run, with the remedy: one line. */
  readonly reason: string;
}

/**
 * Picks the backend for all later computation and makes it ready. The order is: the given name, the variable
 * FERMATA_BACKEND, the first of `backendNames` that works and is not emulated.
 *
 * @throws UserError if the name is not a backend, or if the chosen backend is not available here
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
    if (status.available && !status.emulated) return activate(status);
  }
  throw new Error('no tfjs backend works here, not even cpu');
}

/** Tries each backend, best first. The backend in use stays in use. */
export async function describeBackends(): Promise<BackendStatus[]> {
  const current = tf.engine().backendName;
  const statuses: BackendStatus[] = [];
  for (const name of backendNames) statuses.push(await load(name));
  if (current) await tf.setBackend(current);
  return statuses;
}

const seeDoctor = '`fermata doctor` lists the available ones.';

function isBackendName(name: string): name is BackendName {
  return (backendNames as readonly string[]).includes(name);
}

async function activate(status: BackendStatus): Promise<BackendStatus> {
  await tf.setBackend(status.name);
  return status;
}

async function load(name: BackendName): Promise<BackendStatus> {
  tf.enableProdMode(); // suppresses the banner that recommends tfjs-node
  try {
    return { name, available: true, emulated: false, ...(await loaders[name]()) };
  } catch (error) {
    // A mistake in a variable must not silently lead to a slower backend.
    if (error instanceof UserError) throw error;
    return { name, available: false, emulated: false, reason: firstLine(error) };
  }
}

// Each function loads a backend, checks that it computes, and describes its device.
const loaders: Readonly<Record<BackendName, () => Promise<{ reason: string; emulated?: boolean }>>> = {
  async tensorflow() {
    let problem = '@tensorflow/tfjs-node-gpu is not installed: `npm run install:gpu` installs it';
    for (const packageName of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
      if (!isInstalled(packageName)) continue;
      restoreUtil();
      try {
        await import(packageName);
      } catch (error) {
        problem = `${packageName} is installed, but its library is not: \`npm run install:gpu\` fetches it (${firstLine(error)})`;
        continue;
      }
      await check('tensorflow');
      const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
      return {
        reason: `libtensorflow on the ${isUsingGpuDevice === true ? 'GPU' : 'CPU'}, from ${packageName}`,
      };
    }
    throw new Error(problem);
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
    const adapter = await gpu.requestAdapter();
    if (adapter === null) {
      throw new Error('Dawn finds no adapter: install a driver for Vulkan, Metal or Direct3D 12');
    }
    Object.assign(globalThis, globals);
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
    await import(backend);
    await check('webgpu');
    return { reason: `Dawn on ${adapter.info.description}`, emulated: adapter.info.isFallbackAdapter };
  },
  async native() {
    const { available, reason } = kernelsStatus();
    if (!available) throw new Error(reason);
    registerNativeBackend();
    await check('native');
    return { reason };
  },
  async wasm() {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
    replaceWasmKernels();
    await check('wasm');
    return { reason: 'WebAssembly with SIMD, one thread' };
  },
  async cpu() {
    await check('cpu');
    return { reason: 'plain JavaScript, slow: for tests' };
  },
};

interface DawnModule {
  create(options: string[]): {
    requestAdapter(): Promise<{ info: { description: string; isFallbackAdapter: boolean } } | null>;
  };
  globals: object;
}

// tfjs-node calls two functions that Node 23 removed.
function restoreUtil(): void {
  const functions = util as unknown as Record<string, unknown>;
  functions.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  functions.isArray ??= Array.isArray;
}

// notebooks/tfjs-node of the workspace, which danfo.js takes for tfjs-node, is private.
function isInstalled(packageName: string): boolean {
  try {
    const manifest = createRequire(__filename)(`${packageName}/package.json`) as { private?: boolean };
    return manifest.private !== true;
  } catch {
    return false;
  }
}

function firstLine(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return line.trim().replace(/\.$/, '');
}

async function check(name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`tfjs cannot start its backend ${name}`);
  await tf.ready();
  const sum = tf.tidy(() => tf.sum(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]))));
  const [value] = await sum.data();
  sum.dispose();
  if (value !== 12) throw new Error(`it computes ${value} where the answer is 12`);
}
