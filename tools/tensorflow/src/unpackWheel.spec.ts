import { UserError } from '@fermata/core';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { wheelFiles, zipOf } from './testing/wheel';
import { unpackWheel } from './unpackWheel';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-wheel-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function unpack(contents: Buffer): Promise<string> {
  const wheel = join(folder, 'some.whl');
  writeFileSync(wheel, contents);
  const deps = join(folder, 'deps');
  await unpackWheel(wheel, deps);
  return deps;
}

async function problem(contents: Buffer): Promise<string> {
  const error: unknown = await unpack(contents).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).not.toContain('\n');
  return (error as UserError).problem.replace(folder, '');
}

/** Bytes of the wheel in which one text stands for another of the same length. */
function changed(wheel: Buffer, from: string, to: string): Buffer {
  return Buffer.from(wheel.toString('latin1').replace(from, to), 'latin1');
}

describe('unpackWheel', () => {
  it('takes the libraries, the headers and the METADATA, and nothing else', async () => {
    const deps = await unpack(zipOf(wheelFiles()));
    const read = (path: string): string => readFileSync(join(deps, path), 'utf8');
    expect(read('lib/libtensorflow_framework.so.2')).toBe('the framework');
    expect(read('lib/_pywrap_tensorflow_internal.so')).toBe('the C API');
    expect(read('include/tensorflow/c/c_api.h')).toBe('// the header');
    expect(read('METADATA')).toContain('Name: tensorflow-cpu');
    expect(existsSync(join(deps, 'tensorflow'))).toBe(false);
  });

  it('rejects a wheel of another package or version', async () => {
    expect(await problem(zipOf(wheelFiles('numpy', '2.9.1')))).toBe('/some.whl: this is numpy 2.9.1.');
    expect(await problem(zipOf(wheelFiles('tensorflow', '2.15.0')))).toContain('this is tensorflow 2.15.0.');
  });

  it('rejects a damaged wheel', async () => {
    const wheel = zipOf(wheelFiles());
    expect(await problem(wheel.subarray(0, wheel.length >> 1))).toContain('not a whole wheel of TensorFlow');
    expect(await problem(Buffer.from('<html>'))).toContain('not a whole wheel of TensorFlow');
    expect(await problem(changed(wheel, 'the C API', 'the C APJ'))).toContain(
      '_pywrap_tensorflow_internal.so does not have the SHA-256 of its RECORD',
    );
  });

  it('rejects a wheel without the library', async () => {
    const files = Object.entries(wheelFiles()).filter(([path]) => !path.endsWith('.so.2'));
    expect(await problem(zipOf(Object.fromEntries(files)))).toContain(
      'it has no tensorflow/libtensorflow_framework.so.2',
    );
    expect(await problem(zipOf({ 'some.txt': 'some' }))).toContain('it has no METADATA and RECORD');
  });

  it('names a missing wheel', async () => {
    await expect(unpackWheel(join(folder, 'none.whl'), join(folder, 'deps'))).rejects.toThrow(
      'none.whl: there is no such file',
    );
  });
});
