// Trains rows of a table and prints what is done as it is: node --require …/testing/register.js tableChild.ts '{"scale": …}'

import { selectBackend } from '@fermata/tensor';

import { rowNamed } from '../rows';
import { runTable, type TableOptions } from '../table/runTable';

export interface TableChildOptions extends Pick<
  TableOptions,
  'scale' | 'seeds' | 'data' | 'results' | 'audio'
> {
  readonly rows: readonly string[];
  /** The job in whose training all processes of the group die (SIGKILL); this one must lead the group. */
  readonly kill?: string;
}

/** A line of what is printed. */
export type TableEvent =
  | { readonly kind: 'planned'; readonly wereDone: number; readonly jobs: number }
  | { readonly kind: 'finished'; readonly job: string }
  | { readonly kind: 'recorded'; readonly file: string }
  | { readonly kind: 'failed'; readonly message: string };

function tell(event: TableEvent): void {
  console.log(JSON.stringify(event));
}

async function train({ rows, kill, ...options }: TableChildOptions): Promise<void> {
  await selectBackend();
  try {
    await runTable({
      ...options,
      rows: rows.map(rowNamed),
      concurrency: 2,
      threads: 1,
      onProgress: (job, { stage, done }) => {
        if (job === kill && stage === 'train' && done > 0) process.kill(-process.pid, 'SIGKILL');
      },
      onPlanned: (wereDone, jobs) => {
        tell({ kind: 'planned', wereDone, jobs });
      },
      onFinished: (job) => {
        tell({ kind: 'finished', job });
      },
      onRecorded: (file) => {
        tell({ kind: 'recorded', file });
      },
      onWarning: () => undefined,
      signal: new AbortController().signal,
    });
  } catch (error) {
    tell({ kind: 'failed', message: (error as Error).message });
  }
}

void train(JSON.parse(process.argv[2]) as TableChildOptions);
