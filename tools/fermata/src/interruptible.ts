import {
  abortOnInterrupt,
  createProgressDisplay,
  exitStatuses,
  type EndingSignal,
  type ProgressDisplay,
} from '@fermata/training';

/** Error after Ctrl-C, SIGTERM or SIGHUP, when the work so far is saved. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor(private readonly received: EndingSignal) {
    super(`stopped by ${received}`);
  }

  /** Exit status, as shells have it. */
  get status(): number {
    return exitStatuses[this.received];
  }
}

const goesOn = 'Stopping: the work so far is saved, and the same command continues from there.';

/**
 * Does long work with progress on standard error. Ctrl-C, SIGTERM and SIGHUP stop it: the signal is aborted, and the
 * work saves its progress.
 *
 * @param stopping message printed then
 * @throws InterruptedError if it was stopped
 */
export async function interruptible<T>(
  work: (display: ProgressDisplay, signal: AbortSignal) => Promise<T>,
  stopping = goesOn,
): Promise<T> {
  const display = createProgressDisplay();
  const interrupt = abortOnInterrupt(() => {
    display.print(stopping);
  });
  const { signal } = interrupt;
  try {
    return await work(display, signal);
  } catch (error) {
    const { received } = interrupt;
    throw received !== undefined && error === signal.reason ? new InterruptedError(received) : error;
  } finally {
    interrupt.dispose();
    display.close();
  }
}
