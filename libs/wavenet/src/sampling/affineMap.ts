// Outputs computed side by side: as many sums as fit into registers.
const block = 8;

/** The next size that affine maps write: what they write to has room for this many. */
export function paddedSize(size: number): number {
  return Math.ceil(size / block) * block;
}

/**
 * The map x ↦ x · kernel + bias of single vectors, on typed arrays.
 *
 * The weights lie in the order in which they are used: for each eight outputs, for each input, eight weights. One
 * value of x thus serves eight multiplications, and the eight sums stay in registers (about twice as fast as one sum
 * at a time). Sums are carried in 64 bits; zeros fill the last block up.
 */
export class AffineMap {
  private readonly weights: Float32Array;
  /** The bias, filled up to the padded size: what `apply` adds unless told otherwise. */
  readonly bias: Float32Array;

  /**
   * @param kernels each `[inputs, size]` in row-major order; their outputs are laid one after another
   * @param biases each `[size]`; missing: zeros
   */
  constructor(
    readonly inputs: number,
    kernels: readonly Float32Array[],
    biases: readonly Float32Array[] = [],
  ) {
    const outputs = kernels.reduce((sum, kernel) => sum + kernel.length / inputs, 0);
    this.weights = new Float32Array(paddedSize(outputs) * inputs);
    this.bias = new Float32Array(paddedSize(outputs));
    let first = 0;
    for (const kernel of kernels) {
      const size = kernel.length / inputs;
      for (let input = 0; input < inputs; input++) {
        for (let i = 0; i < size; i++) {
          const output = first + i;
          const start = (output - (output % block)) * inputs;
          this.weights[start + input * block + (output % block)] = kernel[input * size + i];
        }
      }
      first += size;
    }
    first = 0;
    for (const bias of biases) {
      this.bias.set(bias, first);
      first += bias.length;
    }
  }

  /**
   * Writes x · kernel + bias.
   *
   * @param x at least `inputs` values
   * @param result room for the padded size of the outputs
   */
  apply(x: Float32Array, result: Float32Array, bias: Float32Array = this.bias): void {
    const { weights, inputs } = this;
    let next = 0;
    for (let output = 0; output < bias.length; output += block) {
      let y0 = bias[output];
      let y1 = bias[output + 1];
      let y2 = bias[output + 2];
      let y3 = bias[output + 3];
      let y4 = bias[output + 4];
      let y5 = bias[output + 5];
      let y6 = bias[output + 6];
      let y7 = bias[output + 7];
      for (let input = 0; input < inputs; input++) {
        const value = x[input];
        y0 += weights[next] * value;
        y1 += weights[next + 1] * value;
        y2 += weights[next + 2] * value;
        y3 += weights[next + 3] * value;
        y4 += weights[next + 4] * value;
        y5 += weights[next + 5] * value;
        y6 += weights[next + 6] * value;
        y7 += weights[next + 7] * value;
        next += block;
      }
      result[output] = y0;
      result[output + 1] = y1;
      result[output + 2] = y2;
      result[output + 3] = y3;
      result[output + 4] = y4;
      result[output + 5] = y5;
      result[output + 6] = y6;
      result[output + 7] = y7;
    }
  }
}
