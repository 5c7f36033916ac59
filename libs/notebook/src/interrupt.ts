let controller: AbortController | undefined;

/**
 * A signal that Jupyter's Interrupt aborts, for anything that takes `signal`. Without it the cell ends, but what it began
 * goes on behind it. What is aborted keeps what is done: run again, the cell goes on from there.
 */
export function interruptSignal(): AbortSignal {
  if (controller === undefined) {
    controller = new AbortController();
    process.on('SIGINT', () => {
      controller?.abort();
      controller = new AbortController(); // for the next cell
    });
  }
  return controller.signal;
}
