import * as tf from '@tensorflow/tfjs';

// Members used here of a class that the package does not export.
interface TensorflowBackend {
  readonly binding: { TF_ATTR_TYPE: number; TF_FLOAT: number; TF_INT32: number };
  executeSingleOutput(
    name: string,
    attributes: readonly { name: string; type: number; value: number }[],
    inputs: readonly tf.TensorInfo[],
  ): tf.TensorInfo;
}

/** Adds operations of TensorFlow that its backend in tfjs 4.22.0 does not offer. */
export function addTensorflowKernels(): void {
  if ((tf.getKernel('SparseSegmentSum', 'tensorflow') as unknown) != null) return;
  tf.registerKernel({
    kernelName: 'SparseSegmentSum',
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) => {
      const { binding, executeSingleOutput } = backend as TensorflowBackend;
      const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
      const attributes = [
        type('T', binding.TF_FLOAT),
        type('Tidx', binding.TF_INT32),
        type('Tsegmentids', binding.TF_INT32),
      ];
      const { data, indices, segmentIds } = inputs as Record<string, tf.TensorInfo>;
      return executeSingleOutput.call(backend, 'SparseSegmentSum', attributes, [data, indices, segmentIds]);
    },
  });
}
