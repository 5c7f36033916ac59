import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { UserError } from '@fermata/core';

import { checkDeclarations } from './checkDeclarations';
import { countOutputs } from './executedNotebook';
import { jupyter } from './jupyter';
import { writeKernelSpec } from './kernel';
import { runNotebook } from './runNotebook';

const usage = `usage: fermata-notebooks run [--out DIR] [NOTEBOOK ...]
         run notebooks (default: notebooks/*.ipynb) and write executed copies (default: reports/notebooks)
       fermata-notebooks install
         register this checkout's TypeScript kernel with Jupyter, for this user
       fermata-notebooks check-declarations
         compile the packages' declarations as a notebook cell does`;

function main(): void {
  const { values, positionals } = readArguments();
  const [command, ...rest] = positionals;
  if (values.help === true) console.log(usage);
  else if (command === 'run') run(rest, values.out);
  else if (command === 'install' && rest.length === 0) install();
  else if (command === 'check-declarations' && rest.length === 0) check();
  else throw new UserError(`fermata-notebooks: ${positionals.join(' ') || 'no command'}?`, `\n${usage}`);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        out: { type: 'string', default: join('reports', 'notebooks') },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UserError(`fermata-notebooks: ${(error as Error).message}`, `\n${usage}`, { cause: error });
  }
}

function run(paths: readonly string[], folder: string): void {
  const notebooks = paths.length > 0 ? paths : notebooksIn('notebooks');
  for (const path of notebooks) {
    console.log(`${path} …`);
    const started = performance.now();
    const executed = runNotebook(path, folder);
    const counts = [...countOutputs(readFileSync(executed, 'utf8'))].map(
      ([kind, count]) => `${kind} ${count}`,
    );
    console.log(`  ran in ${((performance.now() - started) / 1000).toFixed(1)} s: ${executed}`);
    if (counts.length > 0) console.log(`  it shows: ${counts.join(', ')}`);
  }
}

function notebooksIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ipynb')) : [];
  if (names.length === 0) {
    throw new UserError(`${folder}: no notebooks here.`, "Run this in the repository's folder, or name one.");
  }
  return names.map((name) => join(folder, name));
}

function install(): void {
  const temporary = mkdtempSync(join(tmpdir(), 'fermata-kernel-'));
  try {
    const kernel = writeKernelSpec(temporary);
    const { succeeded, printed } = jupyter([
      'kernelspec',
      'install',
      '--user',
      '--replace',
      '--name',
      'tslab',
      kernel,
    ]);
    if (!succeeded) throw new Error(`jupyter kernelspec install failed:\n${printed}`);
    console.log('Jupyter now offers the kernel "TypeScript (tslab)".');
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function check(): void {
  const { packages, errors } = checkDeclarations(process.cwd());
  if (errors.length > 0) {
    throw new UserError(
      `${errors.join('\n')}\n`,
      'Declare it so that TypeScript 5.0.4 with Node10 resolution reads it.',
    );
  }
  console.log(
    `The declarations of ${packages.length} packages can be read from a notebook: ${packages.join(', ')}.`,
  );
}

try {
  main();
} catch (error) {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
}
