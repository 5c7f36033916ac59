/** Fused operations of the models, forward and backward, and of their optimiser. */
export interface ModelKernels {
  /** Number of values that `stackForward` saves for `stackBackward`. */
  stackSavedSize(shape: StackShape): number;

  /**
   * Computes a stack of gated residual layers (van den Oord et al., 2016, figure 4): the sum of their skip outputs.
   *
   * @param x `[batch, time, channels]`
   * @param conditioning `[batch, time / hop, conditioning]`, or null without conditioning
   * @param weights for each layer, in this order: kernel `[width, channels, 2·gate]` (the tanh half first), bias
   *   `[2·gate]`, residual kernel `[gate, channels]`, residual bias `[channels]` (both null in the last layer), skip
   *   kernel `[gate, skip]`, skip bias `[skip]`, conditioning kernel `[conditioning, 2·gate]` (null without
   *   conditioning)
   * @param saved `stackSavedSize` values, a result; null if no backward pass follows
   * @param skips `[batch, time, skip]`, the result
   */
  stackForward(
    shape: StackShape,
    x: Float32Array,
    conditioning: Float32Array | null,
    weights: readonly (Float32Array | null)[],
    saved: Float32Array | null,
    skips: Float32Array,
  ): void;

  /**
   * Computes the gradients of `stackForward`.
   *
   * @param saved values of the forward pass; this call overwrites them
   * @param skipsGradient `[batch, time, skip]`
   * @param xGradient a result, or null to skip it
   * @param conditioningGradient a result, or null to skip it
   * @param weightGradients results, in the order and the shapes of the weights
   */
  stackBackward(
    shape: StackShape,
    x: Float32Array,
    conditioning: Float32Array | null,
    weights: readonly (Float32Array | null)[],
    saved: Float32Array,
    skipsGradient: Float32Array,
    xGradient: Float32Array | null,
    conditioningGradient: Float32Array | null,
    weightGradients: readonly (Float32Array | null)[],
  ): void;

  /**
   * Computes the head of a WaveNet and its loss: ReLU → dense → ReLU → dense → softmax → −log of the target's
   * probability. It keeps the logits of only some rows at a time.
   *
   * @param skips `[rows, skip]`
   * @param weights hidden kernel `[skip, hidden]`, bias `[hidden]`, logits kernel `[hidden, symbols]`, bias `[symbols]`
   * @param targets `[rows]`, each 0 … symbols − 1
   * @param nll `[rows]`, the result, in nats
   */
  headForward(
    shape: HeadShape,
    skips: Float32Array,
    weights: readonly Float32Array[],
    targets: Int32Array,
    nll: Float32Array,
  ): void;

  /** Computes the gradients of `headForward`; the last two arguments are results. */
  headBackward(
    shape: HeadShape,
    skips: Float32Array,
    weights: readonly Float32Array[],
    targets: Int32Array,
    nllGradient: Float32Array,
    skipsGradient: Float32Array,
    weightGradients: readonly Float32Array[],
  ): void;

  /**
   * Makes one-hot vectors: 1 where the index equals the symbol, 0 elsewhere. Indices outside 0 … count − 1 give zeros.
   *
   * @param indices `[positions]`
   * @param result `[positions, count]`
   */
  oneHot(positions: number, count: number, indices: Int32Array, result: Float32Array): void;

  /**
   * Looks up rows of a table, delayed by `delay` timesteps: result`[b, t]` = table`[symbols[b, t − delay]]`, zeros
   * first.
   *
   * @param symbols `[batch, time]`, each 0 … rows − 1
   * @param table `[rows, channels]`
   * @param result `[batch, time, channels]`
   */
  embed(
    batch: number,
    time: number,
    channels: number,
    delay: number,
    rows: number,
    symbols: Int32Array,
    table: Float32Array,
    result: Float32Array,
  ): void;

  /** Computes the gradient of the table, `[rows, channels]`, from that of `embed`'s result. */
  embedBackward(
    batch: number,
    time: number,
    channels: number,
    delay: number,
    rows: number,
    symbols: Int32Array,
    gradient: Float32Array,
    tableGradient: Float32Array,
  ): void;

  /**
   * Maps symbols to real numbers, delayed by `delay` timesteps: (symbol − half) / half · kernel + bias, zeros first.
   *
   * @param symbols `[batch, time]`
   * @param kernel `[channels]`
   * @param bias `[channels]`
   * @param result `[batch, time, channels]`
   */
  enterScalars(
    batch: number,
    time: number,
    channels: number,
    delay: number,
    half: number,
    symbols: Int32Array,
    kernel: Float32Array,
    bias: Float32Array,
    result: Float32Array,
  ): void;

  /** Computes the gradients of `enterScalars`' kernel and bias, both `[channels]`. */
  enterScalarsBackward(
    batch: number,
    time: number,
    channels: number,
    delay: number,
    half: number,
    symbols: Int32Array,
    gradient: Float32Array,
    kernelGradient: Float32Array,
    biasGradient: Float32Array,
  ): void;

  /**
   * Convolves one-hot vectors causally over the symbols before each position; each tap is divided by its distance:
   * result at t = Σ kernel`[r − d, symbols[t − d]]` / d over d = 1 … min(r, t), for t = from … time − 1.
   *
   * @param symbols `[batch, time]`, each 0 … symbols − 1
   * @param kernel `[r, symbols, channels]`
   * @param result `[batch, time − from, channels]`
   */
  oneHotConvolution(
    shape: OneHotConvolutionShape,
    symbols: Int32Array,
    kernel: Float32Array,
    result: Float32Array,
  ): void;

  /** Computes the gradient of `oneHotConvolution`'s kernel. */
  oneHotConvolutionBackward(
    shape: OneHotConvolutionShape,
    symbols: Int32Array,
    gradient: Float32Array,
    kernelGradient: Float32Array,
  ): void;

  /**
   * Computes a dilated convolution (van den Oord et al., 2016, section 2.1), with zeros before the first and after the
   * last timestep.
   *
   * @param x `[batch, time, inputs]`
   * @param kernel `[width, inputs, outputs]`
   * @param bias `[outputs]`
   * @param result `[batch, time, outputs]`
   */
  convolve(
    shape: ConvolutionShape,
    x: Float32Array,
    kernel: Float32Array,
    bias: Float32Array,
    result: Float32Array,
  ): void;

  /** Computes the gradients of `convolve`'s x, kernel and bias from that of its result. */
  convolveBackward(
    shape: ConvolutionShape,
    x: Float32Array,
    kernel: Float32Array,
    gradient: Float32Array,
    xGradient: Float32Array,
    kernelGradient: Float32Array,
    biasGradient: Float32Array,
  ): void;

  /**
   * Finds the nearest row of the codebook `[codes, depth]` for each query `[positions, depth]`; the result is
   * `[positions]`.
   */
  nearest(
    positions: number,
    codes: number,
    depth: number,
    queries: Float32Array,
    codebook: Float32Array,
    result: Int32Array,
  ): void;

  /** Counts the queries of each code, `[codes]`, and sums them, `[codes, depth]`. */
  assignmentSums(
    positions: number,
    codes: number,
    depth: number,
    queries: Float32Array,
    assignment: Int32Array,
    counts: Float32Array,
    sums: Float32Array,
  ): void;

  /** Normalises each row by division: ReLU(x) / (Σ ReLU(x) + epsilon), `[rows, channels]`. */
  normalise(rows: number, channels: number, epsilon: number, x: Float32Array, result: Float32Array): void;

  /** Computes the gradient of `normalise`'s x from x, the result and the result's gradient. */
  normaliseBackward(
    rows: number,
    channels: number,
    epsilon: number,
    x: Float32Array,
    result: Float32Array,
    gradient: Float32Array,
    xGradient: Float32Array,
  ): void;

  /** Takes one step of Adam for one weight and its optional Polyak average, in one pass; all arrays are `[size]`. */
  adam(
    step: AdamStep,
    size: number,
    gradient: Float32Array,
    weight: Float32Array,
    first: Float32Array,
    second: Float32Array,
    average: Float32Array | null,
  ): void;

  /** Computes Σ value². */
  sumOfSquares(size: number, values: Float32Array): number;
}

/** Sizes of a stack and of its input. */
export interface StackShape {
  readonly batch: number;
  readonly time: number;
  readonly channels: number;
  readonly gate: number;
  readonly skip: number;
  /** Taps of the dilated convolutions. */
  readonly width: number;
  readonly causal: boolean;
  readonly dilations: readonly number[];
  /** Channels of the conditioning; 0 without conditioning. */
  readonly conditioning: number;
  /** Timesteps of x per timestep of the conditioning; 1 without conditioning. */
  readonly hop: number;
}

/** Sizes of a head, and the number of timesteps of all sequences together. */
export interface HeadShape {
  readonly rows: number;
  readonly skip: number;
  readonly hidden: number;
  readonly symbols: number;
}

/** Sizes of a dilated convolution. */
export interface ConvolutionShape {
  readonly batch: number;
  readonly time: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Taps; an odd number if centred. */
  readonly width: number;
  readonly causal: boolean;
  readonly dilation: number;
}

/** Sizes of a convolution of one-hot vectors; `from` is the first position of the result. */
export interface OneHotConvolutionShape {
  readonly batch: number;
  readonly time: number;
  readonly from: number;
  readonly receptiveField: number;
  readonly symbols: number;
  readonly channels: number;
}

/** Numbers of one step of Adam. */
export interface AdamStep {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Clipping factor, applied to the gradient first. */
  readonly gradientScale: number;
  /** Equals learning rate / (1 − β₁ᵗ). */
  readonly stepSize: number;
  /** Equals 1 / √(1 − β₂ᵗ). */
  readonly deviationScale: number;
  /** Equals 1 − d of the Polyak average; unused without one. */
  readonly averageShare: number;
}
