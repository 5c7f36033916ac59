/** Matrix products and element-wise operations. */
export interface ArithmeticKernels {
  /**
   * Computes left · right + bias, `[rows, columns]`.
   *
   * @param transposeLeft whether `left` is stored `[inner, rows]` instead of `[rows, inner]`
   * @param transposeRight whether `right` is stored `[columns, inner]` instead of `[inner, columns]`
   * @param bias `[columns]` or null
   */
  multiply(
    rows: number,
    inner: number,
    columns: number,
    transposeLeft: boolean,
    transposeRight: boolean,
    left: Float32Array,
    right: Float32Array,
    bias: Float32Array | null,
    result: Float32Array,
  ): void;

  /** Sums the rows of x `[rows, columns]`: `[columns]`. */
  sumRows(rows: number, columns: number, x: Float32Array, result: Float32Array): void;

  /** Transposes x `[rows, columns]` to `[columns, rows]`. */
  transpose(rows: number, columns: number, x: Float32Array, result: Float32Array): void;

  /**
   * Applies an operation element by element over `[outer, inner]`. An operand that is constant along an axis has size 1
   * there.
   */
  binary(
    operation: 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum',
    outer: number,
    inner: number,
    left: Float32Array,
    leftVariesOutside: boolean,
    leftVariesInside: boolean,
    right: Float32Array,
    rightVariesOutside: boolean,
    rightVariesInside: boolean,
    result: Float32Array,
  ): void;

  /** Applies a function to each of `size` elements. */
  unary(operation: UnaryOperation, size: number, x: Float32Array, result: Float32Array): void;

  /** Reduces x `[outer, count, inner]` to `[outer, inner]`. */
  reduce(
    reduction: 'sum' | 'mean' | 'maximum',
    outer: number,
    count: number,
    inner: number,
    x: Float32Array,
    result: Float32Array,
  ): void;

  /** Index of the largest or smallest element in each row of x `[rows, columns]`; ties give the first. */
  argumentOf(largest: boolean, rows: number, columns: number, x: Float32Array, result: Int32Array): void;

  /** Takes elements from `left` where the condition is not 0, else from `right`: `[size]` each. */
  choose(
    size: number,
    condition: Uint8Array,
    left: Float32Array,
    right: Float32Array,
    result: Float32Array,
  ): void;

  /** Softmax of each row of x `[rows, columns]`. */
  softmax(rows: number, columns: number, x: Float32Array, result: Float32Array): void;

  /** Repeats each row of x `[rows, columns]` `times` times, multiplied by a factor: `[rows, times, columns]`. */
  repeatRows(
    rows: number,
    times: number,
    columns: number,
    factor: number,
    x: Float32Array,
    result: Float32Array,
  ): void;
}

export type UnaryOperation =
  | 'absolute'
  | 'exponential'
  | 'logarithm'
  | 'negate'
  | 'rectify'
  | 'round'
  | 'sigmoid'
  | 'square'
  | 'squareRoot'
  | 'step'
  | 'tanh';
