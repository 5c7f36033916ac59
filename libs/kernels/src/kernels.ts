import type { ArithmeticKernels } from './arithmetic';
import type { ModelKernels } from './models';
import type { SamplerKernels } from './sampler';

/**
 * The compiled operations. All arrays are dense, last dimension fastest; what an operation computes it writes into arrays
 * that the caller gives it, without copies. Each throws a TypeError that names the operation and the argument where a type
 * or a length does not fit.
 *
 * Results do not depend on the number of threads, not in the last bit.
 */
export interface Kernels extends ModelKernels, ArithmeticKernels, SamplerKernels {
  /** The instruction set in use: the best that the processor has, or the one that FERMATA_ISA names. */
  instructionSet(): string;
  /** Those that can be used here, best first. */
  instructionSets(): string[];
  /** Computes with another one from now on: to compare them. */
  setInstructionSet(name: string): void;
  /** How many threads compute: FERMATA_THREADS, else as many as there are processors. */
  threads(): number;
  setThreads(threads: number): void;
  /** The most multiply-adds that all threads together make, two operations each, in GFLOP/s. */
  measurePeak(): number;

  /** So many values that nothing has been written to, for what is written before it is read. */
  allocate(size: number): Float32Array;
}
