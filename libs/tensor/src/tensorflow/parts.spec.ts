import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { cudaLibraries, cudnnLibraries, tensorflowParts } from './parts';
import { canLoad, driverLibrary } from './sharedLibrary';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-parts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Adds files to the fake package. */
function add(files: Record<string, string>): void {
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
}

/** Names of the missing parts and their details, with the package at `folder` and some libraries. */
function missing(
  libraries: readonly string[],
  { installed = true, platform = 'linux' }: { installed?: boolean; platform?: NodeJS.Platform } = {},
): Record<string, string> {
  const found = { name: '@tensorflow/tfjs-node-gpu', version: '4.22.0', folder };
  const machine = {
    platform,
    installed: installed ? found : undefined,
    canLoad: (file: string) => libraries.includes(file),
  };
  const parts = tensorflowParts(machine).filter(({ present }) => !present);
  return Object.fromEntries(parts.map(({ name, detail }) => [name, detail]));
}

const gpu = [driverLibrary, ...cudaLibraries, ...cudnnLibraries];

describe('tensorflowParts', () => {
  it('names every part and its remedy where nothing is installed', () => {
    const details = missing([], { installed: false });
    expect(Object.keys(details)).toEqual([
      'npm package',
      'addon',
      'libtensorflow',
      'NVIDIA driver',
      'CUDA 11.2',
      'cuDNN 8.1',
    ]);
    for (const detail of Object.values(details)) expect(detail).toMatch(/^\S[^\n]*: \S[^\n]*\S$/);
    expect(details['CUDA 11.2']).toBe(
      'libcudart.so.11.0, libcublas.so.11, libcublasLt.so.11, libcufft.so.10, libcurand.so.10, ' +
        'libcusolver.so.11, libcusparse.so.11 are not found: install CUDA 11.2 and put its lib64 into LD_LIBRARY_PATH',
    );
  });

  it('misses nothing where all is there', () => {
    add({ 'lib/napi-v8/tfjs_binding.node': '', 'deps/lib/libtensorflow.so.2': '' });
    expect(missing(gpu)).toEqual({});
    expect(missing([], { platform: 'darwin' })).toEqual({});
  });

  it('names the one library that is missing', () => {
    add({ 'lib/napi-v8/tfjs_binding.node': '', 'deps/lib/libtensorflow.so.2': '' });
    const details = missing(gpu.filter((file) => file !== 'libcudnn.so.8'));
    expect(Object.keys(details)).toEqual(['cuDNN 8.1']);
    expect(details['cuDNN 8.1']).toMatch(/^libcudnn\.so\.8 is not found: install cuDNN 8\.1/);
  });

  it('tells the addon from the library', () => {
    add({ 'deps/lib/libtensorflow_framework.so.2': '', 'lib/napi-v8/other.txt': '' });
    expect(Object.keys(missing(gpu))).toEqual(['addon', 'libtensorflow']);
    add({ 'lib/napi-v8/tfjs_binding.node': '' });
    expect(Object.keys(missing(gpu))).toEqual(['libtensorflow']);
  });

  it('reports a library without CUDA on a machine with a GPU', () => {
    add({
      'lib/napi-v8/tfjs_binding.node': '',
      'deps/lib/_pywrap_tensorflow_internal.so': '',
      'deps/METADATA': 'Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: 2.9.1\n',
    });
    expect(Object.keys(missing([]))).not.toContain('libtensorflow');
    expect(missing(gpu)).toEqual({
      libtensorflow:
        'the wheel tensorflow-cpu has no CUDA: ' +
        '`npm run install:tensorflow -- --from-wheel --device gpu` takes the one with CUDA',
    });
  });
});

describe('canLoad', () => {
  const known: Partial<Record<NodeJS.Platform, string>> = {
    linux: 'libm.so.6',
    darwin: '/usr/lib/libSystem.B.dylib',
  };
  const library = known[process.platform];

  (library === undefined ? it.skip : it)('finds a library of the system', () => {
    expect(canLoad(library!)).toBe(true);
  });

  it('does not find a library that is not there', () => {
    expect(canLoad('libfermata-missing.so.1')).toBe(false);
  });
});
