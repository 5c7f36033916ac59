import { UserError } from '@fermata/core';
import type { ProgressListener } from '@fermata/core';

import type { FromChild, ToChild } from './messages';

/** What a job has at hand while it works. */
export interface JobContext {
  readonly onProgress: ProgressListener;
  readonly onWarning: (message: string) => void;
  /** Aborted when the job is to save its checkpoint and stop. */
  readonly signal: AbortSignal;
}

/**
 * Makes this process, started by `runJobs`, do its job: called once, by the module that the job names. The process ends
 * with the job. It is told to stop by a message, by SIGINT or SIGTERM, and by the end of the process that started it.
 *
 * @param work does the job: takes the argument of the job and gives its result, both plain JSON; when the signal is
 *   aborted it throws, however far it is
 */
export function serveJob(work: (argument: object, context: JobContext) => Promise<unknown>): void {
  const controller = new AbortController();
  const stop = () => {
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('disconnect', () => {
    stop();
    setTimeout(() => process.exit(1), orphanSeconds * 1000).unref();
  });
  process.on('message', (message: ToChild) => {
    if (message.kind === 'stop') stop();
    else void serve(message.argument);
  });

  const serve = async (argument: object) => {
    const context: JobContext = {
      onProgress: throttle((progress) => {
        send({ kind: 'progress', progress });
      }),
      onWarning: (message) => {
        send({ kind: 'warning', message });
      },
      signal: controller.signal,
    };
    try {
      const result = await work(argument, context);
      send({ kind: 'result', result }, () => process.exit(0));
    } catch (error) {
      // A job that is being stopped and cannot save what it has done says so.
      const stopped = controller.signal.aborted && !(error instanceof UserError);
      send(stopped ? { kind: 'stopped' } : describeError(error), () => process.exit(1));
    }
  };
}

// How long a job may take to save its checkpoint once nobody waits for it.
const orphanSeconds = 60;
const progressSeconds = 0.1;

function send(message: FromChild, done?: () => void): void {
  if (process.connected) process.send?.(message, undefined, undefined, done);
  else done?.();
}

// Lets the first and the last report of a stage through, and ten a second of those between.
function throttle(listener: ProgressListener): ProgressListener {
  let last = -Infinity;
  let lastStage: string | undefined;
  return (progress) => {
    const time = performance.now() / 1000;
    const due =
      progress.stage !== lastStage || progress.done >= progress.total || time - last >= progressSeconds;
    if (!due) return;
    last = time;
    lastStage = progress.stage;
    listener(progress);
  };
}

function describeError(error: unknown): FromChild {
  if (error instanceof UserError) return { kind: 'userError', problem: error.problem, remedy: error.remedy };
  if (error instanceof Error) return { kind: 'error', message: error.message, stack: error.stack ?? '' };
  return { kind: 'error', message: String(error), stack: '' };
}
