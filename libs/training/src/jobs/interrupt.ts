/** Signal that Ctrl-C (SIGINT) and SIGTERM abort. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Restores the default behaviour of both. */
  dispose(): void;
}

/**
 * Turns the first SIGINT or SIGTERM into an abort, so that checkpoints are saved; the second ends the process at once.
 *
 * @param onInterrupt tells the user that the first signal arrived
 */
export function abortOnInterrupt(onInterrupt: () => void): Interrupt {
  const controller = new AbortController();
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => {
    const listener = () => {
      if (controller.signal.aborted) process.exit(exitStatus[name]);
      onInterrupt();
      controller.abort();
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return {
    signal: controller.signal,
    dispose: () => {
      for (const remove of listeners) remove();
    },
  };
}

// Exit status that a shell reports for a process ended by the signal.
const exitStatus = { SIGINT: 130, SIGTERM: 143 } as const;
