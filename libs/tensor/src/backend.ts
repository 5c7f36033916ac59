import { UserError } from '@fermata/core';
import { kernelsStatus } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';
import { dirname, join } from 'node:path';

import { registerNativeBackend } from './native/nativeBackend';
import { findPackage } from './packages';
import { firstLine, loadTensorflow } from './tensorflow/load';
import { mayHaveGpu } from './tensorflow/sharedLibrary';
import { replaceWasmKernels } from './wasmKernels';

/** Backends that hold tensors. */
export const backendNames = ['tensorflow', 'webgpu', 'native', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** Hardware that a backend computes on. An emulated GPU is software, good for checks alone. */
export type Device = 'GPU' | 'CPU' | 'emulated GPU';

// The backends on their devices, fastest first. TensorFlow stands twice: on a CPU `native` is several times faster.
const fastest: readonly { name: BackendName; device: Device }[] = [
  { name: 'tensorflow', device: 'GPU' },
  { name: 'webgpu', device: 'GPU' },
  { name: 'native', device: 'CPU' },
  { name: 'tensorflow', device: 'CPU' },
  { name: 'wasm', device: 'CPU' },
  { name: 'cpu', device: 'CPU' },
];

/** Tells if a backend can be used here, and if not, why. */
export interface BackendStatus {
  readonly name: BackendName;
  readonly available: boolean;
  /** Device that it computes on; undefined if it is not available. */
  readonly device: Device | undefined;
  /** Device that it runs on, or why it cannot run, with the remedy: one line. */
  readonly reason: string;
}

/**
 * Picks the backend for all later computation and makes it ready. The order is: the given name, the variable
 * FERMATA_BACKEND, the fastest that works: on a GPU TensorFlow, then WebGPU; on a CPU `native`, then TensorFlow, `wasm`
 * and `cpu`. An emulated GPU is picked by name alone.
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
  for (const { name: candidate, device } of fastest) {
    if (candidate === 'tensorflow' && device === 'GPU' && !mayHaveGpu()) continue;
    const status = await load(candidate);
    if (status.device === device) return activate(status);
  }
  throw new Error('no tfjs backend works here, not even cpu');
}

/** Tries each backend and lists them, fastest first. The backend in use stays in use. */
export async function describeBackends(): Promise<BackendStatus[]> {
  const current = tf.engine().backendName;
  const statuses: BackendStatus[] = [];
  for (const name of backendNames) statuses.push(await load(name));
  if (current) await tf.setBackend(current);
  return statuses.sort((first, second) => place(first) - place(second));
}

// An emulated GPU comes last. A missing backend stands where it would stand with its best device.
function place({ name, device }: BackendStatus): number {
  const found = fastest.findIndex(
    (entry) => entry.name === name && (device === undefined || entry.device === device),
  );
  return found < 0 ? fastest.length : found;
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
    return { name, available: true, ...(await loaders[name]()) };
  } catch (error) {
    // A mistake in a variable must not silently lead to a slower backend.
    if (error instanceof UserError) throw error;
    return { name, available: false, device: undefined, reason: firstLine(error) };
  }
}

// Each function loads a backend, checks that it computes, and describes its device.
const loaders: Readonly<Record<BackendName, () => Promise<{ reason: string; device: Device }>>> = {
  async tensorflow() {
    const { device, packageName } = await loadTensorflow();
    await check('tensorflow');
    return { reason: `libtensorflow on the ${device}, from ${packageName}`, device };
  },
  async webgpu() {
    const [dawn, backend] = ['webgpu', '@tensorflow/tfjs-backend-webgpu'];
    for (const packageName of [dawn, backend]) {
      if (findPackage(packageName) === undefined) {
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
    const { description, isFallbackAdapter } = adapter.info;
    return { reason: `Dawn on ${description}`, device: isFallbackAdapter ? 'emulated GPU' : 'GPU' };
  },
  async native() {
    const { available, reason } = kernelsStatus();
    if (!available) throw new Error(reason);
    registerNativeBackend();
    await check('native');
    return { reason, device: 'CPU' };
  },
  async wasm() {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
    replaceWasmKernels();
    await check('wasm');
    return { reason: 'WebAssembly with SIMD, one thread', device: 'CPU' };
  },
  async cpu() {
    await check('cpu');
    return { reason: 'plain JavaScript, slow: for tests', device: 'CPU' };
  },
};

interface DawnModule {
  create(options: string[]): {
    requestAdapter(): Promise<{ info: { description: string; isFallbackAdapter: boolean } } | null>;
  };
  globals: object;
}

async function check(name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`tfjs cannot start its backend ${name}`);
  await tf.ready();
  const sum = tf.tidy(() => tf.sum(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]))));
  const [value] = await sum.data();
  sum.dispose();
  if (value !== 12) throw new Error(`it computes ${value} where the answer is 12`);
}
