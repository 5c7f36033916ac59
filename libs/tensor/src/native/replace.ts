import * as tf from '@tensorflow/tfjs';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';

interface KernelArguments {
  readonly inputs: Record<string, tf.TensorInfo>;
  readonly attrs: Record<string, unknown>;
  readonly backend: MathBackendCPU;
}

/** Replaces a kernel of the cpu backend. The new kernel may call the original. */
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
  // Replaces the kernel copied from the cpu backend.
  tf.unregisterKernel(kernelName, 'native');
  tf.registerKernel({ ...config, backendName: 'native', kernelFunc: kernelFunc as tf.KernelFunc });
}

/**
 * Values of a float32 tensor. The cpu backend's kernels leave values cast from integers in an integer array; this
 * converts such an array to a copy in float32.
 */
export function floats(backend: MathBackendCPU, tensor: tf.TensorInfo): Float32Array {
  const values = valuesOf(backend, tensor);
  return isArray(values, 'Float32Array') ? (values as Float32Array) : new Float32Array(values);
}

/** Values of a tensor of any type. */
export function valuesOf(backend: MathBackendCPU, { dataId }: tf.TensorInfo): tf.TypedArray {
  return backend.data.get(dataId).values as tf.TypedArray;
}

/** Checks the type of an array, including arrays from another realm. */
export function isArray(values: tf.TypedArray, type: 'Float32Array' | 'Int32Array' | 'Uint8Array'): boolean {
  return values[Symbol.toStringTag] === type;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
