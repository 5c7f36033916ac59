import { abortOnInterrupt, createProgressDisplay, type ProgressDisplay } from '@fermata/training';

/** Error after Ctrl-C, when the work so far is saved. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

const goesOn = 'Stopping: the work so far is saved, and the same command continues from there.';

/**
 * Does long work with progress on standard error. Ctrl-C stops it: the signal is aborted, and the work saves its
 * progress.
 *
 * @param stopping message printed on Ctrl-C
 * @throws InterruptedError if it was stopped
 */
export async function interruptible<T>(
  work: (display: ProgressDisplay, signal: AbortSignal) => Promise<T>,
  stopping = goesOn,
): Promise<T> {
  const display = createProgressDisplay();
  const { signal, dispose } = abortOnInterrupt(() => {
    display.print(stopping);
  });
  try {
    return await work(display, signal);
  } catch (error) {
    throw signal.aborted && error === signal.reason ? new InterruptedError() : error;
  } finally {
    dispose();
    display.close();
  }
}
