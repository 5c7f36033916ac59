import * as tf from '@tensorflow/tfjs';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';

interface KernelArguments {
  readonly inputs: Record<string, tf.TensorInfo>;
  readonly attrs: Record<string, unknown>;
  readonly backend: MathBackendCPU;
}

/** Registers a kernel in the place of the cpu backend's, to which it may hand over. */
export function replace(
  kernelName: string,
  kernel: (args: KernelArguments, original: () => tf.TensorInfo) => tf.TensorInfo,
): void {
  const config = tf.getKernel(kernelName, 'cpu');
  const kernelFunc = ((args: KernelArguments) =>
    kernel(
      args,
      () => config.kernelFunc(args as unknown as Parameters<tf.KernelFunc>[0]) as tf.TensorInfo,
    )) as unknown;
  // Those copied from the cpu backend stand there already.
  tf.unregisterKernel(kernelName, 'native');
  tf.registerKernel({ ...config, backendName: 'native', kernelFunc: kernelFunc as tf.KernelFunc });
}

/**
 * The values of a float32 tensor. The cpu backend's kernels leave what they cast from whole numbers in an array of whole
 * numbers, of which a copy is made.
 */
export function floats(backend: MathBackendCPU, tensor: tf.TensorInfo): Float32Array {
  const values = valuesOf(backend, tensor);
  return isArray(values, 'Float32Array') ? (values as Float32Array) : new Float32Array(values);
}

/** The values of a tensor of any type. */
export function valuesOf(backend: MathBackendCPU, { dataId }: tf.TensorInfo): tf.TypedArray {
  return backend.data.get(dataId).values as tf.TypedArray;
}

/** Whether values are of a type, whichever realm they come from. */
export function isArray(values: tf.TypedArray, type: 'Float32Array' | 'Int32Array' | 'Uint8Array'): boolean {
  return values[Symbol.toStringTag] === type;
}

/** The number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
