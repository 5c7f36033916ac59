import { UserError } from '@fermata/core';
import { testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';
import util from 'node:util';

import { backendNames, describeBackends, selectBackend } from './backend';

const mockMachine = { mayHaveGpu: false };
jest.mock('./tensorflow/sharedLibrary', () => ({ mayHaveGpu: () => mockMachine.mayHaveGpu }));

const packages = {
  gpu: '@tensorflow/tfjs-node-gpu',
  node: '@tensorflow/tfjs-node',
  dawn: 'webgpu',
  webgpu: '@tensorflow/tfjs-backend-webgpu',
};

/** Replaces packages, installed or not, with a manifest and an import result. */
function install(name: string, manifest: () => object, contents: () => object = () => ({})): void {
  jest.doMock(`${name}/package.json`, manifest, { virtual: true });
  jest.doMock(name, contents, { virtual: true });
}

const missing = (): never => {
  throw new Error('not installed');
};

// Setting of the whole test run: unset or off.
const native = process.env.FERMATA_NATIVE ?? '';

// Backends that work without an installation.
const best = testBackends[testBackends.length - 1] === 'native' ? 'native' : 'wasm';

beforeEach(() => {
  jest.resetModules();
  for (const name of Object.values(packages)) install(name, missing, missing);
  mockMachine.mayHaveGpu = false;
  delete process.env.FERMATA_BACKEND;
  process.env.FERMATA_NATIVE = native;
});

async function problem(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).not.toContain('\n');
  return (error as UserError).message;
}

describe('selectBackend', () => {
  it('takes the best that works here', async () => {
    const status = await selectBackend();
    expect(status).toMatchObject({ name: best, available: true, device: 'CPU' });
    expect(tf.getBackend()).toBe(best);
  });

  it('takes WebAssembly where the kernels are switched off', async () => {
    process.env.FERMATA_NATIVE = 'off';
    expect(await selectBackend()).toEqual({
      name: 'wasm',
      available: true,
      device: 'CPU',
      reason: 'WebAssembly with SIMD, one thread',
    });
    expect(await problem(selectBackend('native'))).toBe(
      '--backend: the backend native is not available: FERMATA_NATIVE=off switches the compiled kernels off: ' +
        'unset it. `fermata doctor` lists the available ones.',
    );
  });

  it('takes the requested backend, from the call before the environment', async () => {
    process.env.FERMATA_BACKEND = 'cpu';
    expect((await selectBackend()).name).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
    expect((await selectBackend('wasm')).name).toBe('wasm');
    process.env.FERMATA_BACKEND = '';
    expect((await selectBackend()).name).toBe(best);
  });

  it('names the choices for an unknown name', async () => {
    process.env.FERMATA_BACKEND = 'cuda';
    expect(await problem(selectBackend())).toBe(
      'FERMATA_BACKEND: cuda is not a backend. Choose one of tensorflow, webgpu, native, wasm, cpu.',
    );
    expect(await problem(selectBackend('Wasm'))).toContain('--backend: Wasm is not a backend.');
  });

  it('names the remedy if the requested backend is not available', async () => {
    expect(await problem(selectBackend('tensorflow'))).toBe(
      '--backend: the backend tensorflow is not available: @tensorflow/tfjs-node-gpu is not installed: ' +
        '`npm run install:gpu` installs it. `fermata doctor` lists the available ones.',
    );
    process.env.FERMATA_BACKEND = 'webgpu';
    expect(await problem(selectBackend())).toContain(
      'webgpu is not installed: `npm run install:webgpu` installs it',
    );
    install(packages.dawn, () => ({ name: 'webgpu' }));
    expect(await problem(selectBackend())).toContain('@tensorflow/tfjs-backend-webgpu is not installed');
  });
});

describe('describeBackends', () => {
  it('shows all in order, and leaves the one in use in use', async () => {
    await selectBackend('wasm');
    const statuses = await describeBackends();
    expect(statuses.map(({ name }) => name)).toEqual([...backendNames]);
    expect(statuses.map(({ available }) => available)).toEqual([false, false, best === 'native', true, true]);
    expect(tf.getBackend()).toBe('wasm');
  });
});

describe('TensorFlow', () => {
  /** Replaces tfjs-node-gpu with a backend that computes as the cpu backend does, and tells if it has been loaded. */
  function installTensorflow(isUsingGpuDevice: boolean): () => boolean {
    let loaded = false;
    install(packages.gpu, () => ({ name: packages.gpu }), () => {
      loaded = true;
      tf.registerBackend('tensorflow', () => Object.assign(tf.findBackendFactory('cpu')(), { isUsingGpuDevice }));
      tf.copyRegisteredKernels('cpu', 'tensorflow');
      return {};
    }); // prettier-ignore
    return () => loaded;
  }
  const order = async (): Promise<string[]> => (await describeBackends()).map(({ name }) => name);
  const reason = async (): Promise<string> =>
    (await describeBackends()).find(({ name }) => name === 'tensorflow')!.reason;

  afterEach(() => {
    if ('tensorflow' in tf.engine().registryFactory) tf.removeBackend('tensorflow');
  });

  it('is picked on a GPU', async () => {
    mockMachine.mayHaveGpu = true;
    installTensorflow(true);
    expect(await selectBackend()).toEqual({
      name: 'tensorflow',
      available: true,
      device: 'GPU',
      reason: `libtensorflow on the GPU, from ${packages.gpu}`,
    });
    expect(tf.getBackend()).toBe('tensorflow');
    expect((await order())[0]).toBe('tensorflow');
  });

  it('comes after the compiled kernels and before wasm where libtensorflow finds no GPU', async () => {
    mockMachine.mayHaveGpu = true;
    installTensorflow(false);
    const ranked = best === 'native' ? ['native', 'tensorflow'] : ['tensorflow'];
    expect(await selectBackend()).toMatchObject({ name: ranked[0], device: 'CPU' });
    expect((await order()).filter((name) => [...ranked, 'wasm'].includes(name))).toEqual([...ranked, 'wasm']);
    process.env.FERMATA_NATIVE = 'off';
    expect(await selectBackend()).toMatchObject({ name: 'tensorflow', device: 'CPU' });
  });

  it("is loaded without NVIDIA's driver only where nothing faster works, or on request", async () => {
    const loaded = installTensorflow(false);
    expect((await selectBackend()).name).toBe(best === 'native' ? 'native' : 'tensorflow');
    expect(loaded()).toBe(best !== 'native');
    expect((await selectBackend('tensorflow')).name).toBe('tensorflow');
  });

  it('finds functions that Node 23 removed, leaves other processes room, and is quiet', async () => {
    const functions = util as unknown as Record<string, unknown>;
    const names = ['isNullOrUndefined', 'isArray'];
    const variables = ['TF_FORCE_GPU_ALLOW_GROWTH', 'TF_CPP_MIN_LOG_LEVEL', 'TF_NUM_INTRAOP_THREADS'];
    const threads = process.env.FERMATA_THREADS;
    process.env.FERMATA_THREADS = '3';
    const kept = names.map((name) => functions[name]);
    for (const name of names) functions[name] = undefined;
    for (const name of variables) Reflect.deleteProperty(process.env, name);
    const found: unknown[] = [];
    install(packages.gpu, () => ({ name: packages.gpu }), () => {
      const [isNullOrUndefined, isArray] = names.map((name) => functions[name] as (value: unknown) => boolean);
      found.push(isNullOrUndefined(null), isNullOrUndefined(undefined), isNullOrUndefined(0), isArray([]));
      found.push(...variables.map((name) => process.env[name]));
      throw new Error('no library');
    }); // prettier-ignore
    await describeBackends();
    names.forEach((name, index) => (functions[name] = kept[index]));
    if (threads === undefined) delete process.env.FERMATA_THREADS;
    else process.env.FERMATA_THREADS = threads;
    expect(found).toEqual([true, true, false, true, 'true', '2', '3']);
  });

  it('reports a package whose library failed to download', async () => {
    install(
      packages.gpu,
      () => ({ name: packages.gpu }),
      () => {
        throw new Error(
          'The Node.js native addon module (tfjs_binding.node) can not be found at path: x. \nPlease run …',
        );
      },
    );
    expect(await reason()).toBe(
      '@tensorflow/tfjs-node-gpu is installed, but its library is not: `npm run install:gpu` fetches it ' +
        '(The Node.js native addon module (tfjs_binding.node) can not be found at path: x)',
    );
    expect((await selectBackend()).name).toBe(best);
  });

  it('is not confused with its substitute', async () => {
    let imported = false;
    install(packages.node, () => ({ name: packages.node, private: true }), () => { imported = true; return {}; }); // prettier-ignore
    expect(await reason()).toContain('@tensorflow/tfjs-node-gpu is not installed');
    expect(imported).toBe(false);
  });
});

describe('webgpu', () => {
  const dawn = (adapter: object | null): object => ({
    create: () => ({ requestAdapter: () => Promise.resolve(adapter) }),
    globals: {},
  });
  /** Replaces Dawn with a backend that computes as the cpu backend does. */
  function installDawn(adapter: object | null): void {
    install(packages.dawn, () => ({ name: packages.dawn }), () => dawn(adapter)); // prettier-ignore
    install(packages.webgpu, () => ({ name: packages.webgpu }), () => {
      tf.registerBackend('webgpu', () => tf.findBackendFactory('cpu')());
      tf.copyRegisteredKernels('cpu', 'webgpu');
      return {};
    }); // prettier-ignore
  }
  const navigator = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  afterEach(() => {
    if ('webgpu' in tf.engine().registryFactory) tf.removeBackend('webgpu');
    if (navigator !== undefined) Object.defineProperty(globalThis, 'navigator', navigator);
  });

  it('needs a driver', async () => {
    installDawn(null);
    expect(await problem(selectBackend('webgpu'))).toContain('Dawn finds no adapter: install a driver');
  });

  it('comes before wasm on a GPU', async () => {
    installDawn({ info: { description: 'A GPU', isFallbackAdapter: false } });
    expect(await selectBackend()).toEqual({
      name: 'webgpu',
      available: true,
      device: 'GPU',
      reason: 'Dawn on A GPU',
    });
  });

  it('is taken only on request if software imitates the GPU', async () => {
    installDawn({ info: { description: 'SwiftShader', isFallbackAdapter: true } });
    expect((await selectBackend()).name).toBe(best);
    expect(await selectBackend('webgpu')).toMatchObject({ name: 'webgpu', device: 'emulated GPU' });
  });
});
