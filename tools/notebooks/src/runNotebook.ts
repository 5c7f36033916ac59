import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

import { UserError } from '@fermata/core';

import { missingOutputs } from './executedNotebook';
import { jupyter } from './jupyter';
import { writeKernelSpec } from './kernel';

/**
 * Runs every cell of a notebook in order, through Jupyter with the tslab kernel, in the notebook's own folder, and
 * writes the executed copy into `folder` under the same name. It installs nothing: it describes the kernel in a
 * temporary folder.
 *
 * @returns path of the executed copy
 * @throws UserError if Jupyter is missing, if a cell or its background work fails (with the message), or if the
 *   notebook shows less than its metadata require
 */
export function runNotebook(path: string, folder: string): string {
  if (!existsSync(path))
    throw new UserError(`${path}: there is no such notebook.`, 'Check the spelling of the path.');
  const executed = join(folder, basename(path));
  rmSync(executed, { force: true });
  const temporary = mkdtempSync(join(tmpdir(), 'fermata-notebook-'));
  try {
    const assets = join(__dirname, '..', 'assets');
    writeKernelSpec(temporary, join(assets, 'keepLateFailures.js'));
    const failure = join(temporary, 'failure.json');
    const lateFailures = join(temporary, 'late-failures.txt');
    const options = [
      '--execute',
      '--to',
      'notebook',
      '--config',
      join(assets, 'nbconvert_config.py'),
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
        FERMATA_NOTEBOOK_LATE_FAILURES: lateFailures,
      },
    );
    if (!succeeded) throw failedRun(path, failure, printed);
    if (existsSync(lateFailures)) throw lateFailure(path, readFileSync(lateFailures, 'utf8'));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  const missing = missingOutputs(readFileSync(executed, 'utf8'));
  if (missing !== undefined) {
    throw new UserError(`${path}: ${missing}`, 'Fix its cells, or change its metadata.');
  }
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
    `${path}: cell ${cell} failed.\n${indent(source)}\nIts output:\n${indent(message)}\n`,
    'Fix the cell and run again.',
  );
}

interface Failure {
  readonly cell: number;
  readonly source: string;
  readonly message: string;
}

function lateFailure(path: string, said: string): UserError {
  return new UserError(
    `${path}: an operation failed that no cell waited for.\n${indent(said)}\n`,
    'Await every promise that a cell makes.',
  );
}

const indent = (text: string) => text.trimEnd().replace(/^/gm, '    ');
