let controller: AbortController | undefined;

/**
 * Signal that Jupyter's Interrupt aborts, for any option `signal`. Without it the cell ends, but its work continues in
 * the background. Aborted work keeps its progress: run the cell again to continue.
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
