// Makes a report and prints what was done for it: node --require register.js paperChild.ts '{"scale": …, "data": …}'

import { selectBackend } from '@fermata/tensor';
import type { WrittenReport } from '@fermata/report';

import { runPaper, type PaperOptions } from '../paper/paper';

export interface ChildOptions extends Pick<PaperOptions, 'scale' | 'seed' | 'out'> {
  readonly data: readonly string[];
  /** Whether to stop before the first job. */
  readonly planOnly: boolean;
}

/** What was done. */
export interface Doings {
  /** How many jobs were done before, of how many. */
  planned: string;
  readonly finished: string[];
  readonly progressed: string[];
  readonly warnings: string[];
  written?: WrittenReport;
}

const { planOnly, ...options } = JSON.parse(process.argv[2]) as ChildOptions;
const doings: Doings = { planned: '', finished: [], progressed: [], warnings: [] };
const controller = new AbortController();

async function makeReport(): Promise<void> {
  await selectBackend();
  try {
    doings.written = await runPaper({
      ...options,
      concurrency: 2,
      command: 'fermata paper',
      onProgress: (name) => doings.progressed.push(name),
      onPlanned: (wereDone, jobs) => {
        doings.planned = `${wereDone} of ${jobs}`;
        if (planOnly) controller.abort();
      },
      onFinished: (name) => doings.finished.push(name),
      onWarning: (name, message) => doings.warnings.push(`${name}: ${message}`),
      signal: controller.signal,
    });
  } catch (error) {
    if (error !== controller.signal.reason) throw error;
  }
  console.log(JSON.stringify(doings));
}

void makeReport();
