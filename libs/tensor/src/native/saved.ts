import type { Kernels } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

/** What a fused operation keeps from its forward pass for its backward pass. */
export interface Saved {
  readonly values: Float32Array;
  /** Hands the memory to the next operation that needs as much; the values must not be used afterwards. */
  giveBack(): void;
}

// The memory of earlier steps, for fresh pages cost as much to touch as a layer to compute. Steps need the same sizes
// again and again; what a model needed that is no longer trained goes as others come.
const free: Float32Array[] = [];
const mostFree = 8;

/** Memory for a backward pass, or undefined where none is to come. */
export function takeSaved(kernels: Kernels, size: number): Saved | undefined {
  if (!isTapeOn()) return undefined;
  const index = free.findIndex(({ length }) => length === size);
  const values = index < 0 ? kernels.allocate(size) : free.splice(index, 1)[0];
  return {
    values,
    giveBack() {
      free.unshift(values);
      free.length = Math.min(free.length, mostFree);
    },
  };
}

// Within an operation of its own, such as here, the engine says that nothing is recorded.
function isTapeOn(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
