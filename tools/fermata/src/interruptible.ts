import { abortOnInterrupt, createProgressDisplay, type ProgressDisplay } from '@fermata/training';

/** The user pressed Ctrl-C, and what was being done has been saved. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

const goesOn = 'Stopping: what is done is saved, and the same command goes on from there.';

/**
 * Does long work while its progress is shown on standard error. Ctrl-C stops it: the signal is aborted, and the work
 * saves what is done.
 *
 * @param stopping printed then
 * @throws InterruptedError when it was stopped
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
