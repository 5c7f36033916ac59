import type { ArithmeticKernels } from './arithmetic';
import type { ModelKernels } from './models';
import type { SamplerKernels } from './sampler';

/**
 * Compiled operations. All arrays are dense, with the last dimension fastest. Operations write their results into
 * arrays of the caller, without copies. Each throws a TypeError, which names the operation and the argument, if a type
 * or a length does not fit.
 *
 * Results are equal to the last bit for any number of threads.
 */
export interface Kernels extends ModelKernels, ArithmeticKernels, SamplerKernels {
  /** Instruction set in use: the best of this processor, or the one named by FERMATA_ISA. */
  instructionSet(): string;
  /** Instruction sets that this machine supports, best first. */
  instructionSets(): string[];
  /** Switches to another instruction set, for comparisons. */
  setInstructionSet(name: string): void;
  /** Number of compute threads: FERMATA_THREADS, else the number of processors. */
  threads(): number;
  setThreads(threads: number): void;
  /** Peak speed of multiply-adds (two operations each) on all threads together, in GFLOP/s. */
  measurePeak(): number;

  /** Allocates `size` uninitialised values: the caller must write before it reads. */
  allocate(size: number): Float32Array;
}
