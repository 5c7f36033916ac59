import type { Kernels } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

// Memory of earlier steps, most recently returned first. Fresh pages cost as much to touch as a layer costs to compute,
// and allocating megabytes at every step burdens the garbage collector. Steps need the same sizes again and again.
const free: { readonly values: Float32Array; readonly since: number }[] = [];
// An array unused for this many allocations, a few steps of a large model, belongs to a model that is no longer
// trained.
const longest = 4096;
let taken = 0;
// Below this size the JavaScript engine allocates as fast.
const smallestKept = 16384;

// Arrays that may be reused. The caller's own arrays never are.
const own = new WeakSet<Float32Array>();

/** Takes memory with arbitrary contents: the caller must write before it reads. */
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

/** Returns memory from `takeFloats` for reuse; the caller must not use it afterwards. Leaves other memory alone. */
export function giveBackFloats(values: Float32Array): void {
  if (!own.has(values)) return;
  free.unshift({ values, since: taken });
}

/** Values that a fused operation keeps from its forward pass for its backward pass. */
export interface Saved {
  readonly values: Float32Array;
  /** Returns the memory for reuse; the caller must not use the values afterwards. */
  giveBack(): void;
}

/** Takes memory for a backward pass; undefined if no backward pass follows. */
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

// Inside a custom operation the engine reports that it records nothing, so this reads the depth of gradients instead.
function isTapeOn(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
