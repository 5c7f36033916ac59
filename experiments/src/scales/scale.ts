/** The size of a gated stack: one layer for each dilation. Centred stacks have convolutions of width 3. */
export interface StackSize {
  readonly dilations: readonly number[];
  /** Residual channels. */
  readonly channels: number;
  /** Units after the gate. */
  readonly gate: number;
  /** Channels of the sum of skip outputs. */
  readonly skip: number;
}

/** A causal stack with an output head. */
export interface WaveNetSize extends StackSize {
  /** Taps of each convolution. */
  readonly width: 2 | 3;
  /** Units of the hidden layer between the skip outputs and the logits. */
  readonly head: number;
}

/** How long and how a model is trained. Budgets are in timesteps of the sequence modelled, never in seconds. */
export interface Budget {
  readonly timesteps: number;
  readonly batchSize: number;
  readonly cropLength: number;
  readonly learningRate: number;
  /** Steps in which the learning rate rises from 0. Where it rises fast, codebooks collapse before they are of use. */
  readonly warmUpSteps: number;
}

/**
 * A scale fixes widths, depths, budgets and amounts of data, and nothing else: what the paper's tables are about (hop
 * sizes, 256 codes, mu-law, the encoder's 64 codes of width) is the same at every scale. The paper's main text does not
 * give widths and optimiser settings; those here are this project's choice.
 */
export interface Scale {
  readonly name: string;
  /** What it is for, in one sentence that a report prints. */
  readonly purpose: string;
  /** The rows of Table 1 that a report has; all of the paper's where absent. */
  readonly rows?: readonly string[];
  /** Minutes of music prepared for training, at most, and of each of the splits held out. */
  readonly trainMinutes: number;
  readonly heldOutMinutes: number;
  /** Minutes that NLLs are measured on, at most: shared out among the pieces of the split. */
  readonly scoredMinutes: number;
  /** Minutes of the built-in corpus, where there are no data. */
  readonly corpusMinutes: number;
  /** The unconditional WaveNet, on audio (#1.1) and on codes (#2.1). */
  readonly unconditional: WaveNetSize;
  /** The encoder: centred, at the rate of its input. */
  readonly encoder: StackSize;
  /** The modulator: centred, at the rate of the codes. */
  readonly modulator: StackSize;
  /** The autoregressive local model of a level-1 decoder. */
  readonly localModel: WaveNetSize;
  /** Channels of a VQ-VAE's queries. */
  readonly queryDepth: number;
  readonly audioBudget: Budget;
  readonly codesBudget: Budget;
  readonly profile: {
    /** Receptive fields r, in timesteps; 0 stands for the unigram entropy. */
    readonly receptiveFields: readonly number[];
    readonly hidden: number;
    readonly budget: Budget;
  };
  /** Excerpts of the test pieces that are encoded and sampled again. */
  readonly reconstruction: { readonly count: number; readonly seconds: number };
  /** Seconds generated from nothing. */
  readonly generationSeconds: number;
}
