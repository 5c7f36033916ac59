import { loadKernels, type Kernels } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';

import { giveBackFloats, takeFloats } from './memory';
import { registerCopies } from './copies';
import { registerNativeKernels } from './nativeKernels';
import { registerReductionGradients } from './reductionGradients';
import { floats } from './replace';

/**
 * Tensors in typed arrays, as those of the cpu backend, which the compiled kernels read and write without copies. What
 * is not compiled the cpu backend's kernels compute.
 */
class NativeBackend extends MathBackendCPU {
  // Optimisers move weights in place, and what a caller has read must stay what it was.
  override readSync(dataId: object): tf.backend_util.BackendValues {
    return copied(super.readSync(dataId));
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return copied(await super.read(dataId));
  }

  override disposeData(dataId: object, force?: boolean): boolean {
    const values = this.data.has(dataId) ? (this.data.get(dataId).values as unknown) : undefined;
    const isGone = super.disposeData(dataId, force);
    if (isGone && values !== undefined) giveBackFloats(values as Float32Array);
    return isGone;
  }
}

function copied(values: tf.backend_util.BackendValues): tf.backend_util.BackendValues {
  return values.slice();
}

let instance: NativeBackend | undefined;
let registered = false;

/**
 * Makes tfjs know the backend `native`.
 *
 * @throws Error where the kernels cannot be loaded
 */
export function registerNativeBackend(): void {
  if (registered) return;
  const kernels = loadKernels();
  if (kernels === undefined) throw new Error('the compiled kernels cannot be loaded');
  tf.registerBackend('native', () => (instance = new NativeBackend()));
  tf.copyRegisteredKernels('cpu', 'native');
  registerNativeKernels(kernels);
  registerCopies(kernels);
  registerReductionGradients();
  registered = true;
}

/** The compiled kernels where the backend in use is `native`, with what it takes to call them on tensors. */
export interface Native {
  readonly kernels: Kernels;
  /** The values of a tensor themselves, not a copy. */
  floats(tensor: tf.TensorInfo): Float32Array;
  integers(tensor: tf.TensorInfo): Int32Array;
  /** Values for `tensorOf`, of which each is written before it is read. */
  take(size: number): Float32Array;
}

/** What fused operations run on, or undefined where another backend is in use. */
export function native(): Native | undefined {
  return tf.engine().backendName === 'native' ? nativeAccess : undefined;
}

const nativeAccess: Native = {
  get kernels() {
    return loadKernels()!;
  },
  floats: (tensor) => floats(instance!, tensor),
  take: (size) => takeFloats(loadKernels()!, size),
  integers: ({ dataId }) => instance!.data.get(dataId).values as Int32Array,
};

/**
 * The values of a variable, to be changed in place: of its own, for those that a clone shares are copied first.
 */
export function changeableFloats(variable: tf.Variable): Float32Array {
  const backend = instance!;
  if (backend.refCount(variable.dataId) > 1) {
    tf.tidy(() => {
      variable.assign(tensorOf(floats(backend, variable).slice(), variable.shape));
    });
  }
  return floats(backend, variable);
}

/** A tensor around an array, which it takes over. */
export function tensorOf<R extends tf.Rank>(values: Float32Array, shape: number[]): tf.Tensor<R> {
  return tf.tensor<R>(values, shape as tf.ShapeMap[R], 'float32');
}
