import { loadKernels, type Kernels } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';

import { giveBackFloats, takeFloats } from './memory';
import { registerCopies } from './copies';
import { registerNativeKernels } from './nativeKernels';
import { registerReductionGradients } from './reductionGradients';
import { floats } from './replace';

/**
 * Backend that keeps tensors in typed arrays, as the cpu backend does. The compiled kernels read and write them without
 * copies. The cpu backend's kernels compute all other operations.
 */
class NativeBackend extends MathBackendCPU {
  // Optimisers change weights in place, so a caller that reads values must get a copy.
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
 * Registers the backend `native` with tfjs.
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

/** Access to the compiled kernels and to the arrays of tensors, while the backend in use is `native`. */
export interface Native {
  readonly kernels: Kernels;
  /** Values of a tensor: the array itself, not a copy. */
  floats(tensor: tf.TensorInfo): Float32Array;
  integers(tensor: tf.TensorInfo): Int32Array;
  /** Array for `tensorOf`, with arbitrary contents: the caller must write every value. */
  take(size: number): Float32Array;
}

/** Access for fused operations; undefined while another backend is in use. */
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

/** Values of a variable, to be changed in place. If a clone shares them, they are copied first. */
export function changeableFloats(variable: tf.Variable): Float32Array {
  const backend = instance!;
  if (backend.refCount(variable.dataId) > 1) {
    tf.tidy(() => {
      variable.assign(tensorOf(floats(backend, variable).slice(), variable.shape));
    });
  }
  return floats(backend, variable);
}

/** Wraps an array in a tensor, which takes it over. */
export function tensorOf<R extends tf.Rank>(values: Float32Array, shape: number[]): tf.Tensor<R> {
  return tf.tensor<R>(values, shape as tf.ShapeMap[R], 'float32');
}
