export interface CodebookMonitorOptions {
  /** k, the number of codes. */
  readonly symbols: number;
  /** How many codes a batch has. */
  readonly positions: number;
  readonly onWarning: (message: string) => void;
  /** What the model measured in earlier sessions, oldest first: remembered, and not warned of again. */
  readonly history?: Iterable<CodebookObservation>;
}

/** What a step measured, by name: `perplexity` and `deadCodes` are read. */
export interface CodebookObservation {
  /** From 1. */
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

// A fall to this share of what was reached is no noise; half of it is the collapse that is to be warned of.
const fall = 0.75;
// The perplexity of fewer codes than these for each of k says more of them than of the codebook.
const fewestForEachCode = 4;

/**
 * Warns while the perplexity of the codes falls (section 3.1, codebook collapse): once when it is a quarter below its last
 * peak, and again only after it has risen by as much. It reads the quantisers' metrics as plain numbers, one observation a
 * step.
 */
export class CodebookMonitor {
  private readonly symbols: number;
  // The first step after which there have been codes enough.
  private readonly firstStep: number;
  private readonly onWarning: (message: string) => void;
  // The highest since the last fall, or, while it falls, the lowest.
  private extreme: { step: number; perplexity: number } | undefined;
  private falling = false;

  constructor({ symbols, positions, onWarning, history = [] }: CodebookMonitorOptions) {
    this.symbols = symbols;
    this.firstStep = Math.ceil((fewestForEachCode * symbols) / positions);
    this.onWarning = onWarning;
    for (const observation of history) this.take(observation);
  }

  /** Hears of a step; one without a perplexity, of a model that has no codes, says nothing. */
  observe(observation: CodebookObservation): void {
    const peak = this.extreme;
    if (!this.take(observation) || peak === undefined) return;
    const { step, metrics } = observation;
    this.onWarning(
      `At step ${step} the perplexity of the codes is ${metrics.perplexity.toFixed(1)}, down from ` +
        `${peak.perplexity.toFixed(1)} at step ${peak.step}, and ${metrics.deadCodes} of ${this.symbols} codes are ` +
        'dead: the codebook may be collapsing. Against it: random restarts (restartBelow), population based training ' +
        'of alpha and beta, or an AMAE instead of a VQ-VAE; for an AMAE a larger nu.',
    );
  }

  // Whether a fall is seen to begin.
  private take({ step, metrics }: CodebookObservation): boolean {
    if (step < this.firstStep || !('perplexity' in metrics)) return false;
    const { perplexity } = metrics;
    const extreme = (this.extreme ??= { step, perplexity });
    const turned = this.falling
      ? extreme.perplexity < fall * perplexity
      : perplexity < fall * extreme.perplexity;
    const further = this.falling ? perplexity < extreme.perplexity : perplexity > extreme.perplexity;
    if (turned) this.falling = !this.falling;
    if (turned || further) this.extreme = { step, perplexity };
    return turned && this.falling;
  }
}
