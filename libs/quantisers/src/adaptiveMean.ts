// τ, the standard deviation that noise may leave in the logarithm of the mean.
const noiseOfMean = 0.04;
// So many differences tell how noisy a series is.
const fewestDifferences = 16;
const shareAtFirst = 1 / 4;

/**
 * The geometric mean of the last values of a noisy series, over as few as let the noise of its logarithm be small:
 *
 *   m ← (1 − a)·m + a·x,  a = 2τ² / (σ² + τ²), at most 1
 *   σ² ← (1 − s)·σ² + s·d² / 2
 *
 * where x is the median of the last three logarithms, so that one outlier does nothing, and d the difference of two that
 * follow each other: half the mean of its squares is the variance of the noise, however the series drifts. The last
 * difference is left out of σ, for it may be the fall that m is to follow. Before σ is known, x is the last logarithm and
 * a = 1/4. Both averages begin without bias.
 */
export class AdaptiveMean {
  private lastStep: number | undefined;
  /** The last three, or fewer. */
  private logarithms: readonly number[] = [];
  private lastDifference: number | undefined;
  private differences = 0;
  private readonly mean = new MovingAverage();
  private readonly variance = new MovingAverage();

  /** @param share s, of a difference in what is known of the noise */
  constructor(private readonly share: number) {}

  /**
   * Takes a value, above 0.
   *
   * @param step of the value, or the last of those that it is the mean of: all since the value before
   * @returns the mean, with this value
   */
  take(step: number, value: number): number {
    const { lastStep = step - 1 } = this;
    this.lastStep = step;
    const logarithm = Math.log(value);
    const before = this.logarithms.at(-1);
    this.logarithms = [...this.logarithms.slice(-2), logarithm];
    const [x, share] = this.isNoiseKnown
      ? [median(this.logarithms), this.adaptedShare]
      : [logarithm, shareAtFirst];
    const mean = this.mean.take(x, 1 - (1 - share) ** (step - lastStep));
    this.learnNoise();
    if (before !== undefined) this.lastDifference = logarithm - before;
    return Math.exp(mean);
  }

  private get isNoiseKnown(): boolean {
    return this.differences >= fewestDifferences;
  }

  private get adaptedShare(): number {
    const allowed = noiseOfMean ** 2;
    return Math.min(1, (2 * allowed) / (this.variance.value + allowed));
  }

  // Means of several steps have less noise, but those of a session are soon forgotten in the next.
  private learnNoise(): void {
    if (this.lastDifference === undefined) return;
    this.variance.take(this.lastDifference ** 2 / 2, this.share);
    this.differences++;
  }
}

/** An exponentially moving average without the bias of a first value. */
class MovingAverage {
  private sum = 0;
  private weight = 0;

  get value(): number {
    return this.sum / this.weight;
  }

  take(value: number, share: number): number {
    this.sum += share * (value - this.sum);
    this.weight += share * (1 - this.weight);
    return this.value;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
