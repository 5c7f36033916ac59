import type { StoredTensor } from '@fermata/training';

import type { Part } from '../protocol';

/** Prepared task: the measured work of a process. */
export interface Work {
  /** Losses in nats, which must be equal in every process. */
  readonly check: readonly number[];
  /** Weights and symbols for the other processes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Does a part once and returns the seconds taken. */
  run(part: Part): Promise<number>;
}

/** Measures the seconds of a function. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
