import type { Kernels } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

// The memory of earlier steps: fresh pages cost as much to touch as a layer to compute, and megabytes that come and go
// keep the garbage collector busy. Steps need the same sizes again and again. Those given back last come first.
const free: { readonly values: Float32Array; readonly since: number }[] = [];
// What nobody asked for while so much else was taken, which is some steps of a large model, is of a model that is no
// longer trained.
const longest = 4096;
let taken = 0;
// Below this the engine's own memory is as fast.
const smallestKept = 16384;

// What may be used again: arrays of the caller's never are.
const own = new WeakSet<Float32Array>();

/** Memory in which nothing can be relied on: for what is written before it is read. */
export function takeFloats(kernels: Kernels, size: number): Float32Array {
  if (size < smallestKept) return new Float32Array(size);
  taken++;
  while (free.length > 0 && taken - free[free.length - 1].since > longest) free.pop();
  const index = free.findIndex(({ values }) => values.length === size);
  if (index >= 0) return free.splice(index, 1)[0].values;
  const values = kernels.allocate(size);
  own.add(values);
  return values;
}

/** Hands memory that `takeFloats` gave to whoever asks next; it must not be used afterwards. Other memory stays as it is. */
export function giveBackFloats(values: Float32Array): void {
  if (!own.has(values)) return;
  free.unshift({ values, since: taken });
}

/** What a fused operation keeps from its forward pass for its backward pass. */
export interface Saved {
  readonly values: Float32Array;
  /** Hands the memory to the next operation that needs as much; the values must not be used afterwards. */
  giveBack(): void;
}

/** Memory for a backward pass, or undefined where none is to come. */
export function takeSaved(kernels: Kernels, size: number): Saved | undefined {
  if (!isTapeOn()) return undefined;
  const values = takeFloats(kernels, size);
  return {
    values,
    giveBack: () => {
      giveBackFloats(values);
    },
  };
}

// Within an operation of its own, such as here, the engine says that nothing is recorded.
function isTapeOn(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
