import { asFileError, UserError, writeFileAtomic } from '@fermata/core';
import { currentCommit } from '@fermata/training';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BenchOptions } from '../contenders';
import { describeMachine } from '../machine';
import { renderPage, type Measured, type Results } from './page';
import { sections, type SectionName } from './sections';

export interface ReportOptions extends BenchOptions {
  /** Sections to measure, in this order; the other sections keep their measurements. */
  readonly sections: readonly SectionName[];
  /** Folder of performance.md, which also receives results and images. */
  readonly out: string;
  /** Command as the user typed it. */
  readonly command: string;
}

/**
 * Measures sections of docs/performance.md and writes their tables and images into it. It saves the results of each
 * section immediately, so that a stopped measurement can continue with the remaining sections.
 *
 * @throws UserError if there is no such page, and as the benchmarks do
 */
export async function writePerformanceReport(options: ReportOptions): Promise<void> {
  const { out, command, onProgress } = options;
  write(out, readResults(out)); // fails before hours of work if the page cannot be written
  const machine = describeMachine(); // measured before the benchmarks themselves raise the load average
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
