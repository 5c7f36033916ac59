import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { UserError, writeFileAtomic } from '@fermata/core';

import type { Copy } from './copies';
import type { Failure, MeasuredFile } from './plan';

const fileName = 'left-out.json';

/**
 * Files that showed only while they were decoded that they cannot be used, or that they are copies of others. They are
 * kept on disk until the dataset is finished, so that after a kill the next call makes the same plan.
 */
export class LeftOut {
  readonly failures: Failure[] = [];
  readonly copies: Copy[] = [];
  private readonly path: string;

  /** @param files all files that may be used */
  constructor(folder: string, files: readonly MeasuredFile[]) {
    this.path = join(folder, fileName);
    const kept = readKept(this.path);
    for (const { id, problem, remedy } of kept.failures) {
      const file = files.find((one) => one.id === id);
      if (file !== undefined) this.failures.push({ file, error: new UserError(problem, remedy) });
    }
    this.copies.push(...kept.copies);
  }

  /** Writes them to disk. */
  keep(): void {
    const failures = this.failures.map(({ file: { id }, error: { problem, remedy } }) => ({
      id,
      problem,
      remedy,
    }));
    writeFileAtomic(this.path, `${JSON.stringify({ failures, copies: this.copies } satisfies Kept)}\n`);
  }

  /** Removes them from disk. */
  remove(): void {
    rmSync(this.path, { force: true });
  }
}

interface Kept {
  readonly failures: readonly { readonly id: string; readonly problem: string; readonly remedy: string }[];
  readonly copies: readonly Copy[];
}

function readKept(path: string): Kept {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Kept;
  } catch {
    return { failures: [], copies: [] };
  }
}
