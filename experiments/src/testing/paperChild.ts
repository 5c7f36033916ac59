// Makes reports and prints the jobs done for each: node --require …/testing/register.js paperChild.ts '[{"scale": …}, …]'

import { selectBackend } from '@fermata/tensor';

import { runPaper, type PaperOptions, type PaperReport } from '../report';

export interface ChildOptions extends Pick<PaperOptions, 'scale' | 'seed' | 'out'> {
  readonly data: readonly string[];
  /** True to stop before the first job. */
  readonly planOnly: boolean;
}

/** The jobs done. */
export interface Doings {
  /** Number of jobs done before, out of all: `5 of 12`. */
  planned: string;
  readonly finished: string[];
  readonly progressed: string[];
  readonly warnings: string[];
  written?: PaperReport;
}

async function makeReport({ planOnly, ...options }: ChildOptions): Promise<Doings> {
  const doings: Doings = { planned: '', finished: [], progressed: [], warnings: [] };
  const controller = new AbortController();
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
  return doings;
}

async function makeReports(): Promise<void> {
  await selectBackend();
  const doings: Doings[] = [];
  for (const options of JSON.parse(process.argv[2]) as ChildOptions[]) doings.push(await makeReport(options));
  console.log(JSON.stringify(doings));
}

void makeReports();
