/** One point of a predictability profile. */
export interface ProfilePointResult {
  /** r in timesteps of the sequence; 0 is the unigram model. */
  readonly receptiveField: number;
  /** Nats per timestep, on the test split. */
  readonly nll: number;
  /** At r = 0: the entropy of the symbols' shares in the test split itself, in nats; never above `nll`. */
  readonly entropy?: number;
  /** How many timesteps the NLL is the mean of. */
  readonly positions: number;
  readonly parameters: number;
  /** Positions predicted in training. */
  readonly timesteps: number;
  readonly seconds: number;
}

/** A predictability profile of figure 2: plain JSON. */
export interface ProfileResult {
  /** What the sequences are: `waveform`, `codes of #1.2`. */
  readonly name: string;
  /** Symbols per second. */
  readonly rate: number;
  /** The fingerprint of the sequences. */
  readonly data: string;
  readonly points: readonly ProfilePointResult[];
}
