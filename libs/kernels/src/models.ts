/** The fused operations of the models, forward and backward, and of their optimiser. */
export interface ModelKernels {
  /** How many values `stackForward` saves for `stackBackward`. */
  stackSavedSize(shape: StackShape): number;

  /**
   * A stack of gated residual layers (van den Oord et al., 2016, figure 4): the sum of their skip outputs.
   *
   * @param x `[batch, time, channels]`
   * @param conditioning `[batch, time / hop, conditioning]`, null where the shape has none
   * @param weights for each layer, in this order: kernel `[width, channels, 2·gate]` (the tanh half first), bias
   *   `[2·gate]`, residual kernel `[gate, channels]`, residual bias `[channels]` (both null in the last layer), skip
   *   kernel `[gate, skip]`, skip bias `[skip]`, conditioning kernel `[conditioning, 2·gate]` (null where there is none)
   * @param saved of `stackSavedSize` values, or null where no gradient is to come
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
   * The gradients of `stackForward`.
   *
   * @param saved what the forward pass saved; it is used up
   * @param skipsGradient `[batch, time, skip]`
   * @param xGradient a result, or null where nobody wants it
   * @param conditioningGradient a result, or null
   * @param weightGradients results, in the order and of the shapes of the weights
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
   * The head of a WaveNet with its loss: ReLU → dense → ReLU → dense → softmax → −log of the target's probability. Logits
   * exist for some rows at a time only.
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

  /** The gradients of `headForward`; the last two arguments are results. */
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
   * One-hot vectors: 1 where the index is the symbol, 0 elsewhere; indices outside 0 … count − 1 give zeros.
   *
   * @param indices `[positions]`
   * @param result `[positions, count]`
   */
  oneHot(positions: number, count: number, indices: Int32Array, result: Float32Array): void;

  /**
   * Rows of a table, `delay` timesteps later, zeros first: result`[b, t]` = table`[symbols[b, t − delay]]`.
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

  /** The gradient of the table, `[rows, channels]`, from that of `embed`'s result. */
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
   * Symbols as real numbers, `delay` timesteps later, zeros first: (symbol − half) / half · kernel + bias.
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

  /** The gradients of `enterScalars`' kernel and bias, both `[channels]`. */
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
   * A causal convolution of one-hot vectors over the symbols before each position, whose taps are divided by their
   * distance: result at t = Σ kernel`[r − d, symbols[t − d]]` / d over d = 1 … min(r, t), for t = from … time − 1.
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

  /** The gradient of `oneHotConvolution`'s kernel. */
  oneHotConvolutionBackward(
    shape: OneHotConvolutionShape,
    symbols: Int32Array,
    gradient: Float32Array,
    kernelGradient: Float32Array,
  ): void;

  /**
   * A dilated convolution (van den Oord et al., 2016, section 2.1), with zeros before the first and after the last
   * timestep.
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

  /** The gradients of `convolve`'s x, kernel and bias, from that of its result. */
  convolveBackward(
    shape: ConvolutionShape,
    x: Float32Array,
    kernel: Float32Array,
    gradient: Float32Array,
    xGradient: Float32Array,
    kernelGradient: Float32Array,
    biasGradient: Float32Array,
  ): void;

  /** The nearest row of the codebook `[codes, depth]` to each query `[positions, depth]`; the result is `[positions]`. */
  nearest(
    positions: number,
    codes: number,
    depth: number,
    queries: Float32Array,
    codebook: Float32Array,
    result: Int32Array,
  ): void;

  /** How many queries fall to each code, `[codes]`, and their sum, `[codes, depth]`. */
  assignmentSums(
    positions: number,
    codes: number,
    depth: number,
    queries: Float32Array,
    assignment: Int32Array,
    counts: Float32Array,
    sums: Float32Array,
  ): void;

  /** Divisive normalisation, row by row: ReLU(x) / (Σ ReLU(x) + epsilon), `[rows, channels]`. */
  normalise(rows: number, channels: number, epsilon: number, x: Float32Array, result: Float32Array): void;

  /** The gradient of `normalise`'s x, from x, the result and the result's gradient. */
  normaliseBackward(
    rows: number,
    channels: number,
    epsilon: number,
    x: Float32Array,
    result: Float32Array,
    gradient: Float32Array,
    xGradient: Float32Array,
  ): void;

  /** One step of Adam for one weight and, where there is one, its Polyak average, in one pass; all arrays `[size]`. */
  adam(
    step: AdamStep,
    size: number,
    gradient: Float32Array,
    weight: Float32Array,
    first: Float32Array,
    second: Float32Array,
    average: Float32Array | null,
  ): void;

  /** Σ value². */
  sumOfSquares(size: number, values: Float32Array): number;
}

/** The sizes of a stack and of what it is applied to. */
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
  /** Channels of the conditioning; 0 where there is none. */
  readonly conditioning: number;
  /** Timesteps that each timestep of the conditioning counts for; 1 where there is none. */
  readonly hop: number;
}

/** The sizes of a head and the number of timesteps, of all sequences together, that it is applied to. */
export interface HeadShape {
  readonly rows: number;
  readonly skip: number;
  readonly hidden: number;
  readonly symbols: number;
}

/** The sizes of a dilated convolution. */
export interface ConvolutionShape {
  readonly batch: number;
  readonly time: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Taps: an odd number where it is centred. */
  readonly width: number;
  readonly causal: boolean;
  readonly dilation: number;
}

/** The sizes of a convolution of one-hot vectors; `from` is the first position that is wanted. */
export interface OneHotConvolutionShape {
  readonly batch: number;
  readonly time: number;
  readonly from: number;
  readonly receptiveField: number;
  readonly symbols: number;
  readonly channels: number;
}

/** The numbers of a step of Adam. */
export interface AdamStep {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Multiplies the gradient first: the factor of clipping. */
  readonly gradientScale: number;
  /** Learning rate / (1 − β₁ᵗ). */
  readonly stepSize: number;
  /** 1 / √(1 − β₂ᵗ). */
  readonly deviationScale: number;
  /** 1 − d of the Polyak average; unused where there is none. */
  readonly averageShare: number;
}
