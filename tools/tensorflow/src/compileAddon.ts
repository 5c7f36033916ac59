import { UserError } from '@fermata/core';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { libraries } from './unpackWheel';

const requireHere = createRequire(__filename);

/** Programs that compile the addon. */
export interface Tools {
  readonly compiler: string;
}

/** Finds the compiler and the reader of libraries. @throws UserError if one is missing */
export function findTools(): Tools {
  const { findCompiler } = requireHere('@fermata/kernels/compile.js') as {
    findCompiler: () => { command: string } | undefined;
  };
  const compiler = findCompiler();
  if (compiler === undefined) {
    throw new UserError('There is no C++ compiler for the addon.', 'Install g++ or clang++.');
  }
  if (spawnSync('nm', ['--version']).status !== 0) {
    throw new UserError("There is no nm to read libtensorflow's symbols.", 'Install binutils.');
  }
  return { compiler: compiler.command };
}

/**
 * Compiles the addon of tfjs-node-gpu against libtensorflow from a wheel.
 *
 * @param binding folder with the addon's sources
 * @param deps folder of {@link unpackWheel}; takes the source of the stand-in for Python, too
 * @param addon file to write, which will look for the libraries in `../../deps/lib`
 * @throws Error with the compiler's messages if it fails
 */
export function compileAddon({ compiler }: Tools, binding: string, deps: string, addon: string): void {
  const lib = join(deps, 'lib');
  const python = join(deps, 'python.cc');
  writeFileSync(python, standInForPython(pythonSymbols(join(lib, libraries[1]))));
  const headers = [
    (requireHere('node-api-headers') as { include_dir: string }).include_dir,
    join(deps, 'include'),
  ];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(binding, name));
  run(compiler, [
    ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ...headers.map((path) => `-I${path}`),
    ...[...sources, python, `-L${lib}`],
    ...libraries.map((name) => `-l:${name}`),
    ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', addon],
  ]);
}

/** Names that a library expects from Python. */
function pythonSymbols(library: string): string[] {
  const lines = run('nm', ['-D', '--undefined-only', library]).split('\n');
  return lines.map((line) => line.trim().split(/\s+/).at(-1)!).filter((name) => /^_?Py/.test(name));
}

/**
 * C++ that defines Python's names. The wheel's library holds Python's bindings beside the C API, and the loader wants
 * all of their names; the C API uses none. A call of one ends the process with its name.
 */
export function standInForPython(names: readonly string[]): string {
  const lines = names.map((name) =>
    /^PyExc_|_Type$|Struct$/.test(name) ? `char ${name}[512];` : `void ${name}() { called("${name}"); }`,
  );
  return `#include <cstdio>
#include <cstdlib>

static void called(const char* name) {
  std::fprintf(stderr, "libtensorflow calls %s of Python, which is not here\\n", name);
  std::abort();
}

extern "C" {
${lines.join('\n')}
}
`;
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${command} failed:\n${error?.message ?? stderr}`);
  return stdout;
}
