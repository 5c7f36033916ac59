import type { WeightFormat } from '@fermata/kernels';

// Number of outputs computed side by side: as many sums as fit into registers.
const block = 8;

/** Rounds a size up to that which affine maps write; their results need room for it. */
export function paddedSize(size: number): number {
  return Math.ceil(size / block) * block;
}

/**
 * Affine map x ↦ x · kernel + bias of single vectors, on typed arrays.
 *
 * The weights are stored in the order of their use: for each eight outputs, for each input, eight weights. One value of
 * x thus serves eight multiplications, and the eight sums stay in registers (about twice as fast as one sum at a time).
 * Sums have 64 bits; zeros fill up the last block.
 *
 * Formats of fewer bits than 32 round like those of `@fermata/kernels`, and save neither memory nor time here.
 */
export class AffineMap {
  private readonly weights: Float32Array;
  /** Bias, filled up to the padded size: the default of `apply`. */
  readonly bias: Float32Array;
  private readonly quantised: Float32Array | undefined;
  private readonly segment: number;

  /**
   * @param kernels each `[inputs, size]` in row-major order; their outputs follow one another
   * @param biases each `[size]`; zeros if missing
   * @param segment number of inputs with a separate scale, in formats with scales; default: all
   */
  constructor(
    readonly inputs: number,
    kernels: readonly Float32Array[],
    biases: readonly Float32Array[] = [],
    format: WeightFormat = 'fp32',
    segment = inputs,
  ) {
    this.segment = segment;
    this.quantised = format === 'int8' ? new Float32Array(inputs) : undefined;
    const outputs = kernels.reduce((sum, kernel) => sum + kernel.length / inputs, 0);
    this.weights = new Float32Array(paddedSize(outputs) * inputs);
    this.bias = new Float32Array(paddedSize(outputs));
    let first = 0;
    for (const exact of kernels) {
      const kernel = inFormat(exact, inputs, format, segment);
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
    const { weights, inputs, quantised } = this;
    if (quantised !== undefined) {
      for (let first = 0; first < inputs; first += this.segment) {
        quantise(x, quantised, first, 1, this.segment);
      }
      x = quantised;
    }
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

/** Rounds a kernel `[inputs, size]` to a format. */
function inFormat(kernel: Float32Array, inputs: number, format: WeightFormat, segment: number): Float32Array {
  if (format === 'fp32') return kernel;
  if (format === 'bf16') return kernel.map(roundToBf16);
  const result = new Float32Array(kernel.length);
  const size = kernel.length / inputs;
  for (let output = 0; output < size; output++) {
    for (let first = 0; first < inputs; first += segment) {
      quantise(kernel, result, first * size + output, size, segment);
    }
  }
  return result;
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Rounds to the nearest number of 8 significant bits, ties to even. */
function roundToBf16(value: number): number {
  if (!Number.isFinite(value)) return value;
  float[0] = value;
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000;
  return float[0];
}

/** Rounds `count` values, `stride` apart, to integers −127 … 127 times a scale that fits the largest value. */
function quantise(from: Float32Array, to: Float32Array, first: number, stride: number, count: number): void {
  let largest = 0;
  const end = first + stride * count;
  for (let i = first; i < end; i += stride) largest = Math.max(largest, Math.abs(from[i]));
  const scale = largest / 127;
  for (let i = first; i < end; i += stride) to[i] = scale === 0 ? 0 : Math.round(from[i] / scale) * scale;
}
