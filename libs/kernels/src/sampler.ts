/** How the sampler keeps the weights. */
export const weightFormats = ['fp32', 'bf16', 'int8'] as const;

/**
 * - `fp32`: as they are;
 * - `bf16`: rounded to 8 significant bits; activations stay as they are;
 * - `int8`: integers of −127 … 127 with a scale for each output of a map; what a map is applied to becomes integers
 *   likewise, with a scale for each vector, and sums are exact. With products of bytes (`avx512vnni`) it is by far the
 *   quickest; AVX-512 and AVX2 multiply pairs of 16 bits, which is still quicker than fp32; in plain code (`portable`)
 *   fp32 is quicker where there are many streams.
 */
export type WeightFormat = (typeof weightFormats)[number];

/** The sizes of a WaveNet that is sampled from. */
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
  /** Channels of the conditioning; 0 where there is none. */
  readonly conditioning: number;
  /** Timesteps that each timestep of the conditioning counts for; 1 where there is none. */
  readonly hop: number;
}

/** The steps to take next, and how symbols are drawn. */
export interface SamplerChunk {
  /** Of the first step: what is drawn depends on the stream's key and the position. */
  readonly position: number;
  readonly steps: number;
  /** Of the steps, the first ones whose symbols are given; those of the others are drawn. */
  readonly given: number;
  /** Draws are from softmax(logits / temperature); 0: the most probable symbol. */
  readonly temperature: number;
  /** The most probable symbols that are kept, at least 1; of equally probable ones the first. */
  readonly topK: number;
  /** Of these the fewest are kept that have at least this share of their probability, in (0, 1]. */
  readonly topP: number;
  /** The timesteps of the conditioning that are at hand: `codes` of them, from `firstCode` on. */
  readonly codes: number;
  readonly firstCode: number;
}

/** What `createSampler` returns: a sampler outside JavaScript's memory. */
export interface SamplerHandle {
  readonly sampler: unique symbol;
}

/** The incremental sampler of WaveNets. */
export interface SamplerKernels {
  /**
   * Copies the weights of a WaveNet, and begins before the first symbol of `shape.streams` sequences.
   *
   * @param table `[symbols, channels]`: what each symbol enters the network with
   * @param layers as `stackForward` takes them
   * @param head as `headForward` takes them
   */
  createSampler(
    shape: SamplerShape,
    weights: WeightFormat,
    table: Float32Array,
    layers: readonly (Float32Array | null)[],
    head: readonly Float32Array[],
  ): SamplerHandle;

  /**
   * Takes the next steps in every stream. What a stream computes depends, to the last bit, neither on the other streams,
   * nor on the number of threads, nor on how steps are cut into chunks.
   *
   * @param symbols `[streams, steps]`: the given ones, behind which the drawn ones are written
   * @param previous `[streams]`: the symbols before the first step, −1 for nothing; afterwards the last ones
   * @param keys `[streams, 2]`: the high and the low half of each stream's `RandomKey`. The draw at a position is at
   *   `new RandomStream(fold(key, position)).uniform()` of the distribution function
   * @param conditioning `[streams, codes, conditioning]`, null where the shape has none
   * @param logits `[streams, steps, symbols]`: a result, or null
   * @returns false where a symbol was to be drawn from logits that are not finite; the sampler is of no more use then
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

  /** Gives the sampler's memory back now, not when the handle is collected; the sampler is of no more use. */
  releaseSampler(sampler: SamplerHandle): void;
}
