// Trains a row, and kills itself (SIGKILL) on demand: node --require …/testing/register.js trainChild.ts '{…}'

import { workOn, type RowArgument } from '../jobs';

export interface ChildOptions {
  readonly argument: RowArgument;
  /** Kills the process when this stage has come so far. */
  readonly kill?: { readonly stage: string; readonly done: number };
}

const { argument, kill } = JSON.parse(process.argv[2]) as ChildOptions;

void workOn(
  { kind: 'train', argument },
  {
    onProgress: ({ stage, done }) => {
      if (stage === kill?.stage && done >= kill.done) process.kill(process.pid, 'SIGKILL');
    },
    onWarning: (message) => {
      throw new Error(message);
    },
    signal: new AbortController().signal,
  },
);
