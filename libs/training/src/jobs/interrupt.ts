/** The signals that ask a process to end: Ctrl-C, `kill`, and a terminal that closes. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof endingSignals)[number];

/** Exit statuses that a shell reports for processes ended by these signals: 128 + the number of the signal. */
export const exitStatuses: Readonly<Record<EndingSignal, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
};

/** Signal that Ctrl-C (SIGINT), SIGTERM and SIGHUP abort. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** The first signal that arrived; undefined before. */
  readonly received: EndingSignal | undefined;
  /** Restores the default behaviour of all three. */
  dispose(): void;
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, so that checkpoints are saved; another SIGINT or SIGTERM ends
 * the process at once. Another SIGHUP does not: a closing terminal and its shell send one each.
 *
 * @param onInterrupt tells the user that the first signal arrived
 */
export function abortOnInterrupt(onInterrupt: () => void): Interrupt {
  const controller = new AbortController();
  let received: EndingSignal | undefined;
  const listeners = endingSignals.map((name) => {
    const listener = () => {
      if (received === undefined) {
        received = name;
        onInterrupt();
        controller.abort();
      } else if (name !== 'SIGHUP') {
        process.exit(exitStatuses[name]);
      }
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    dispose: () => {
      for (const remove of listeners) remove();
    },
  };
}
