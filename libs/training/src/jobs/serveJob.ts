import { UserError } from '@fermata/core';
import type { ProgressListener } from '@fermata/core';

import { endingSignals } from './interrupt';
import type { FromChild, ToChild } from './messages';

/** Context of a running job. */
export interface JobContext {
  readonly onProgress: ProgressListener;
  readonly onWarning: (message: string) => void;
  /** Aborted when the job should save its checkpoint and stop. */
  readonly signal: AbortSignal;
}

/**
 * Runs the job of this process, which `runJobs` started; the module that the job names calls it once. The process ends
 * with the job. A message, SIGINT, SIGTERM, SIGHUP, or the end of the parent process stops the job.
 *
 * @param work does the job: takes the job's argument and returns its result, both plain JSON; throws as soon as the
 *   signal is aborted
 */
export function serveJob(work: (argument: object, context: JobContext) => Promise<unknown>): void {
  const controller = new AbortController();
  const stop = () => {
    controller.abort();
  };
  for (const signal of endingSignals) process.on(signal, stop);
  // A parent that is gone reads no output: that must not keep the job from its checkpoint.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
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
      // A stopped job that cannot save its progress reports that.
      const stopped = controller.signal.aborted && !(error instanceof UserError);
      send(stopped ? { kind: 'stopped' } : describeError(error), () => process.exit(1));
    }
  };
}

// Time for a job to save its checkpoint after its parent has gone.
const orphanSeconds = 60;
const progressSeconds = 0.1;

function send(message: FromChild, done?: () => void): void {
  if (process.connected) process.send?.(message, undefined, undefined, done);
  else done?.();
}

// Passes on the first and the last report of a stage, and at most ten per second in between.
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
