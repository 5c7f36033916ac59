import { UserError } from '@fermata/core';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findTools, standInForPython } from './compileAddon';
import { install } from './install';

// Output of npm where the download is blocked.
const blocked = `npm error code 1
npm error command sh -c node scripts/install.js gpu download
npm error       throw er; // Unhandled 'error' event
npm error Error: getaddrinfo ENOTFOUND storage.googleapis.com
npm error     at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26)
`;

describe('install', () => {
  let root: string;
  const npm = process.env.npm_execpath;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fermata-install-'));
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
    jest.restoreAllMocks();
    if (npm === undefined) delete process.env.npm_execpath;
    else process.env.npm_execpath = npm;
  });

  /** Replaces npm with a program that deletes libtensorflow, as the install script does, and prints a text. */
  function fakeNpm(deps: string, text: string): void {
    process.env.npm_execpath = join(root, 'npm.js');
    const script = `require('fs').rmSync(${JSON.stringify(deps)}, { recursive: true, force: true });
      console.error(${JSON.stringify(text)});
      process.exitCode = 1;`;
    writeFileSync(process.env.npm_execpath, script);
  }

  it('says in one line that a download is blocked, names the other way, and keeps the old library', async () => {
    const folder = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
    const deps = join(folder, 'deps');
    mkdirSync(deps, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '4.22.0' }));
    writeFileSync(join(deps, 'old'), 'library');
    fakeNpm(deps, blocked);
    const error: unknown = await install({ root, wheel: false }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toBe(
      'libtensorflow cannot be downloaded: getaddrinfo ENOTFOUND storage.googleapis.com. ' +
        "`npm run install:tensorflow -- --from-wheel` takes it from TensorFlow's wheel on PyPI.",
    );
    expect(readFileSync(join(deps, 'old'), 'utf8')).toBe('library');
    expect(existsSync(`${deps}.kept`)).toBe(false);
  });

  it("says in one line that npm's registry is blocked", async () => {
    fakeNpm(
      join(root, 'none'),
      'npm error network request to https://r.example/x failed, reason: connect ETIMEDOUT',
    );
    await expect(install({ root, wheel: false })).rejects.toThrow(
      '@tensorflow/tfjs-node-gpu cannot be installed: network request to https://r.example/x failed, ' +
        "reason: connect ETIMEDOUT. Check npm's registry: `npm ping`.",
    );
  });
});

describe('standInForPython', () => {
  it('defines data for objects, and functions that end the process with their name', () => {
    const lines = standInForPython([
      'PyErr_Clear',
      'PyExc_ValueError',
      'PyBool_Type',
      '_Py_NoneStruct',
    ]).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'void PyErr_Clear() { called("PyErr_Clear"); }',
        'char PyExc_ValueError[512];',
        'char PyBool_Type[512];',
        'char _Py_NoneStruct[512];',
      ]),
    );
  });
});

describe('findTools', () => {
  it('finds a compiler or says what to install', () => {
    let found: string;
    try {
      found = findTools().compiler;
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      found = (error as UserError).message;
    }
    expect(found).toMatch(/\+\+|binutils/);
  });
});
