/** Products of matrices, and what is done element by element. */
export interface ArithmeticKernels {
  /**
   * left · right + bias, `[rows, columns]`.
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

  /** The sum of the rows of x `[rows, columns]`: `[columns]`. */
  sumRows(rows: number, columns: number, x: Float32Array, result: Float32Array): void;

  /** x `[rows, columns]` → `[columns, rows]`. */
  transpose(rows: number, columns: number, x: Float32Array, result: Float32Array): void;

  /**
   * Element by element over `[outer, inner]`. An operand may be the same along either axis, and has one value there then.
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

  /** A function of each of `size` elements. */
  unary(operation: UnaryOperation, size: number, x: Float32Array, result: Float32Array): void;

  /** x `[outer, count, inner]` → `[outer, inner]`. */
  reduce(
    reduction: 'sum' | 'mean' | 'maximum',
    outer: number,
    count: number,
    inner: number,
    x: Float32Array,
    result: Float32Array,
  ): void;

  /** Where each row of x `[rows, columns]` is largest or smallest: the first of several. */
  argumentOf(largest: boolean, rows: number, columns: number, x: Float32Array, result: Int32Array): void;

  /** Where the condition is not 0 what is in `left`, else what is in `right`: `[size]` each. */
  choose(
    size: number,
    condition: Uint8Array,
    left: Float32Array,
    right: Float32Array,
    result: Float32Array,
  ): void;

  /** The softmax of each row of x `[rows, columns]`. */
  softmax(rows: number, columns: number, x: Float32Array, result: Float32Array): void;

  /** Each row of x `[rows, columns]` so many times, multiplied by a factor: `[rows, times, columns]`. */
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
