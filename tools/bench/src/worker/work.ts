import type { StoredTensor } from '@fermata/training';

import type { Part } from '../protocol';

/** A prepared task: what a process does when it is told to measure. */
export interface Work {
  /** What must be the same in every process: losses in nats. */
  readonly check: readonly number[];
  /** The weights and symbols that other processes are to use. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Does a part once and takes its time: seconds. */
  run(part: Part): Promise<number>;
}

/** Seconds of something. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
