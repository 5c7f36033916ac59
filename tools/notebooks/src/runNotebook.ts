import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

import { UserError } from '@fermata/core';

import { jupyter } from './jupyter';
import { writeKernelSpec } from './kernel';

/**
 * Runs every cell of a notebook, from the first, through Jupyter with the tslab kernel, in the notebook's own folder, and
 * writes the executed copy into `folder` under the same name. Installs nothing: the kernel is described in a temporary
 * folder.
 *
 * @returns the path of the executed copy
 * @throws UserError when Jupyter is missing, and when a cell fails, with what it said
 */
export function runNotebook(path: string, folder: string): string {
  if (!existsSync(path))
    throw new UserError(`${path}: there is no such notebook.`, 'Check the spelling of the path.');
  const executed = join(folder, basename(path));
  rmSync(executed, { force: true });
  const temporary = mkdtempSync(join(tmpdir(), 'fermata-notebook-'));
  try {
    writeKernelSpec(temporary);
    const failure = join(temporary, 'failure.json');
    const config = join(__dirname, '..', 'assets', 'nbconvert_config.py');
    const options = [
      '--execute',
      '--to',
      'notebook',
      '--config',
      config,
      '--output-dir',
      folder,
      '--output',
      basename(path),
    ];
    const { succeeded, printed } = jupyter(
      ['nbconvert', ...options, '--ExecutePreprocessor.kernel_name=tslab', path],
      {
        JUPYTER_PATH: [temporary, process.env.JUPYTER_PATH]
          .filter((entry) => entry !== undefined)
          .join(delimiter),
        FERMATA_NOTEBOOK_FAILURE: failure,
      },
    );
    if (!succeeded) throw failedRun(path, failure, printed);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  const late = lateFailure(readFileSync(executed, 'utf8'));
  if (late !== undefined) throw new UserError(`${path}: ${late}`, 'Await every promise that a cell makes.');
  return executed;
}

function failedRun(path: string, failure: string, printed: string): UserError {
  if (!existsSync(failure)) {
    const errors = printed.split('\n').filter((line) => /^\S.*(error|ERROR)/.test(line));
    return new UserError(
      `${path}: nbconvert ended early.\n${indent(errors.join('\n'))}\n`,
      'A kernel that died had too little memory, or a native module crashed.',
    );
  }
  const { cell, source, message } = JSON.parse(readFileSync(failure, 'utf8')) as Failure;
  return new UserError(
    `${path}: cell ${cell} failed.\n${indent(source)}\nIt said:\n${indent(message)}\n`,
    'Mend the cell and run again.',
  );
}

interface Failure {
  readonly cell: number;
  readonly source: string;
  readonly message: string;
}

/**
 * What went wrong in an executed notebook beside its cells: a promise that nobody awaited was rejected, or a callback
 * threw. tslab prints it and goes on; the cell counts as done.
 */
export function lateFailure(notebook: string): string | undefined {
  const { cells } = JSON.parse(notebook) as {
    cells: { outputs?: { name?: string; text?: string | string[] }[] }[];
  };
  for (const [index, { outputs = [] }] of cells.entries()) {
    const said = outputs.filter(({ name }) => name === 'stderr').flatMap(({ text = '' }) => text);
    const text = said.join('');
    if (/^(UncaughtException|UnhandledPromiseRejection):/m.test(text)) {
      return `under cell ${index + 1} something failed that it did not wait for:\n${indent(text)}\n`;
    }
  }
  return undefined;
}

const indent = (text: string) => text.trimEnd().replace(/^/gm, '    ');
