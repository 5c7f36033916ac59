/** Float32 values that a training step keeps for each timestep of the sequence modelled. */
export interface StepValues {
  /**
   * Values that stacks keep for their backward pass: for each layer and timestep the two factors of the gate and the
   * residual output.
   */
  readonly saved: number;
  /** Values that pass between operations. The tape keeps each with its gradient to the end of the step. */
  readonly passed: number;
  /** Values of the largest single array. */
  readonly largest: number;
}

/** Most values that one array of the kernels may have. */
export const mostArrayValues = 2 ** 31 - 17;

/** Peak memory of a training step on the backend `native`, in bytes. */
export interface StepMemory {
  /** Weights, their gradients, Adam's two moments and the Polyak average. */
  readonly weights: number;
  readonly saved: number;
  readonly activations: number;
  /**
   * Sum of the three. It does not include the program with its runtime and libraries, garbage not yet collected, and
   * the working memory of operations, which grows with threads and widths but not with the batch.
   */
  readonly total: number;
  /** Values of the largest single array; at most `mostArrayValues` can be computed. */
  readonly largestArray: number;
}

const bytesPerValue = 4;
/** The weights w, ∂w, m, v and the average. */
const copiesOfWeights = 5;

/** Predicts the memory of a training step on `batchSize` excerpts of `cropLength` timesteps. */
export function stepMemory(
  { parameters, values }: { readonly parameters: number; readonly values: StepValues },
  { batchSize, cropLength }: { readonly batchSize: number; readonly cropLength: number },
): StepMemory {
  const timesteps = batchSize * cropLength;
  const weights = bytesPerValue * copiesOfWeights * parameters;
  const saved = bytesPerValue * timesteps * values.saved;
  // The symbols have no gradient.
  const activations = bytesPerValue * timesteps * (2 * values.passed + 1);
  const largestArray = timesteps * values.largest;
  return { weights, saved, activations, total: weights + saved + activations, largestArray };
}
