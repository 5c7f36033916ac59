// Trains rows of a table and prints each job once it is done: node --require …/testing/register.js tableChild.ts '{"scale": …}'

import { selectBackend } from '@fermata/tensor';

import { runTable, type TableOptions } from '../results';
import { rowNamed } from '../rows';

export interface TableChildOptions extends Pick<
  TableOptions,
  'scale' | 'seeds' | 'data' | 'results' | 'audio'
> {
  readonly rows: readonly string[];
  /** Kills all processes of the group (SIGKILL) in the training of this job; this process must lead the group. */
  readonly kill?: string;
}

/** A printed line. */
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
