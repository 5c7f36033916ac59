// Acts as its argument says, for the specs of the queue.
import { UserError } from '@fermata/core';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { serveJob } from '../jobs/serveJob';

export type JobArgument =
  | { readonly kind: 'square'; readonly value: number }
  | { readonly kind: 'userError' | 'error' | 'crash' | 'print' | 'threads' }
  /** Waits until a file exists. */
  | { readonly kind: 'wait'; readonly file: string }
  /**
   * Creates the first file, works until it is stopped, and then creates the second file; without a second file, saving
   * fails.
   */
  | { readonly kind: 'work'; readonly started: string; readonly saved?: string };

serveJob(async (argument, { onProgress, onWarning, signal }) => {
  const job = argument as JobArgument;
  switch (job.kind) {
    case 'square':
      onWarning(`squaring ${job.value}`);
      for (let done = 0; done <= 1000; done++) onProgress({ stage: 'square', done, total: 1000 });
      return job.value ** 2;
    case 'userError':
      throw new UserError('take.wav: the file is empty.', 'Record it again.');
    case 'error':
      throw new TypeError('codes is undefined');
    case 'crash':
      process.kill(process.pid, 'SIGKILL');
      return null;
    case 'print':
      process.stdout.write('one\ntwo\n');
      return null;
    case 'threads':
      return process.env.FERMATA_THREADS;
    case 'wait':
      while (!existsSync(job.file)) await setTimeout(10);
      return null;
    case 'work':
      writeFileSync(job.started, String(process.pid));
      while (!signal.aborted) await setTimeout(10);
      if (job.saved === undefined)
        throw new UserError('metrics.jsonl: the disk is full.', 'Free some space.');
      writeFileSync(job.saved, '');
      throw signal.reason;
  }
});
