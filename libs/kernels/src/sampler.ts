/** Number formats of the sampler's weights. */
export const weightFormats = ['fp32', 'bf16', 'int8'] as const;

/**
 * - `fp32`: 32-bit floats, unchanged;
 * - `bf16`: weights rounded to 8 significant bits; activations unchanged;
 * - `int8`: integers −127 … 127, with a scale for each output of a map. The input of a map becomes integers likewise,
 *   with a scale for each vector, and sums are exact. With products of bytes (`avx512vnni`) it is by far the fastest
 *   format. AVX-512 and AVX2 multiply pairs of 16 bits, still faster than fp32. In plain code (`portable`) fp32 is
 *   faster with many streams.
 */
export type WeightFormat = (typeof weightFormats)[number];

/** Sizes of the WaveNet to sample from. */
export interface SamplerShape {
  readonly streams: number;
  readonly symbols: number;
  readonly channels: number;
  readonly gate: number;
  readonly skip: number;
  /** Units between the skip connections and the logits. */
  readonly head: number;
  /** Taps of the dilated convolutions. */
  readonly width: number;
  readonly dilations: readonly number[];
  /** Channels of the conditioning; 0 without conditioning. */
  readonly conditioning: number;
  /** Timesteps of audio per timestep of the conditioning; 1 without conditioning. */
  readonly hop: number;
}

/** Next steps to take, and options for drawing symbols. */
export interface SamplerChunk {
  /** Position of the first step: draws depend on the stream's key and the position. */
  readonly position: number;
  readonly steps: number;
  /** Number of first steps whose symbols are given; the symbols of later steps are drawn. */
  readonly given: number;
  /** Symbols are drawn from softmax(logits / temperature); 0 takes the most probable symbol. */
  readonly temperature: number;
  /** Number of most probable symbols to keep, at least 1; ties favour the first symbol. */
  readonly topK: number;
  /** Share of the kept probability, in (0, 1]: keeps the fewest symbols that reach it. */
  readonly topP: number;
  /** Available timesteps of the conditioning: `codes` timesteps from `firstCode` on. */
  readonly codes: number;
  readonly firstCode: number;
}

/** Handle that `createSampler` returns: a sampler outside JavaScript's memory. */
export interface SamplerHandle {
  readonly sampler: unique symbol;
}

/** Incremental sampler of WaveNets. */
export interface SamplerKernels {
  /**
   * Copies the weights of a WaveNet, and starts `shape.streams` sequences before their first symbol.
   *
   * @param table `[symbols, channels]`: the network's input for each symbol
   * @param layers in the form of `stackForward`
   * @param head in the form of `headForward`
   */
  createSampler(
    shape: SamplerShape,
    weights: WeightFormat,
    table: Float32Array,
    layers: readonly (Float32Array | null)[],
    head: readonly Float32Array[],
  ): SamplerHandle;

  /**
   * Takes the next steps in every stream. The results of a stream depend, to the last bit, neither on other streams,
   * nor on the number of threads, nor on how steps are cut into chunks.
   *
   * @param symbols `[streams, steps]`: the given symbols first; drawn symbols are written behind them
   * @param keys `[streams, 2]`: the high and the low half of each stream's `RandomKey`. The number
   *   `new RandomStream(fold(key, position)).uniform()` picks the symbol at a position from the distribution function
   *   `new RandomStream(fold(key, position)).uniform()` of the distribution function
   * @param conditioning `[streams, codes, conditioning]`, or null without conditioning
   * @param logits `[streams, steps, symbols]`: a result, or null to skip it
   * @returns false if a draw met logits that are not finite; the sampler is unusable afterwards
   */
  sampleSteps(
    sampler: SamplerHandle,
    chunk: SamplerChunk,
    symbols: Int32Array,
    previous: Int32Array,
    keys: Int32Array,
    conditioning: Float32Array | null,
    logits: Float32Array | null,
  ): boolean;

  /** Frees the sampler's memory now instead of at garbage collection; the sampler is unusable afterwards. */
  releaseSampler(sampler: SamplerHandle): void;
}
