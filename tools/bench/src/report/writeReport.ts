import { asFileError, UserError, writeFileAtomic } from '@fermata/core';
import { currentCommit } from '@fermata/training';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BenchOptions } from '../contenders';
import { describeMachine } from '../machine';
import { renderPage, type Measured, type Results } from './page';
import { sections, type SectionName } from './sections';

export interface ReportOptions extends BenchOptions {
  /** Measured anew, in this order; the others stay as they were measured before. */
  readonly sections: readonly SectionName[];
  /** The folder with performance.md, where results and images go too. */
  readonly out: string;
  /** As the user typed it. */
  readonly command: string;
}

/**
 * Measures sections of docs/performance.md and writes their tables and images into it. Results are on disk as soon as a
 * section is done, so that what is stopped goes on with the sections that are left.
 *
 * @throws UserError where there is no such page, and as the benchmarks do
 */
export async function writePerformanceReport(options: ReportOptions): Promise<void> {
  const { out, command, onProgress } = options;
  write(out, readResults(out)); // before hours of work: can it be written at all?
  const machine = describeMachine(); // before the benchmarks themselves raise the load average
  const commit = currentCommit(__dirname);
  for (const section of options.sections) {
    const results: unknown[] = [];
    const benchmarks = sections[section]({
      ...options,
      onProgress: ({ stage, done, total }) => {
        const all = benchmarks.length;
        onProgress?.({ stage: section, done: results.length + done / total, total: all, detail: stage });
      },
    });
    for (const benchmark of benchmarks) results.push(await benchmark());
    const origin = { finished: new Date().toISOString(), commit, command, machine };
    write(out, { ...readResults(out), [section]: { origin, results } as Measured });
  }
}

function readResults(out: string): Results {
  try {
    return JSON.parse(readFileSync(resultsFile(out), 'utf8')) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw asFileError(error, resultsFile(out));
  }
}

function write(out: string, results: Results): void {
  const path = join(out, 'performance.md');
  let page: string;
  try {
    page = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(
      `${path}: there is no page for the results.`,
      'Name the folder of performance.md with --out.',
      {
        cause: error,
      },
    );
  }
  const rendered = renderPage(page, results);
  for (const [name, image] of rendered.images) writeFileAtomic(join(out, 'performance', name), image);
  writeFileAtomic(resultsFile(out), `${JSON.stringify(results, null, 1)}\n`);
  writeFileAtomic(path, rendered.page);
}

function resultsFile(out: string): string {
  return join(out, 'performance', 'results.json');
}
