import { shareOfBatch } from './codeWindow';

export interface CodebookMonitorOptions {
  /** Size k of the codebook. */
  readonly codebookSize: number;
  /** Number of positions in a batch, each with one code. */
  readonly positions: number;
  readonly onWarning: (message: string) => void;
  /** Measurements of earlier sessions, oldest first. The monitor remembers a collapse in these and does not warn again. */
  readonly history?: Iterable<CodebookObservation>;
}

/** The measurements of one step, by name. The monitor reads `perplexity` and `deadCodes`, see `CodeWindow`. */
export interface CodebookObservation {
  /** From 1. */
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

// The perplexity falls in the first steps of most trainings, and rises again.
const warmUpWindows = 4;
const collapse = 1 / 4;

/**
 * Warns when the codebook collapses (section 3.1): after a warm-up of four windows of codes, codes are dead and the
 * perplexity of the window is below a quarter of its peak. It warns again only after a new, higher peak.
 */
export class CodebookMonitor {
  private readonly warmUpSteps: number;
  // A session that resumes from a checkpoint repeats the steps after it.
  private lastStep = 0;
  private peak = { step: 0, perplexity: 0 };
  private warnedAt = 0;

  constructor(private readonly options: CodebookMonitorOptions) {
    const { codebookSize, positions, history = [] } = options;
    this.warmUpSteps = Math.ceil(warmUpWindows / shareOfBatch(positions, codebookSize));
    for (const observation of history) this.hasCollapsed(observation);
  }

  /** Takes the measurements of a step; those of a model without codes have no perplexity and are ignored. */
  observe(observation: CodebookObservation): void {
    if (!this.hasCollapsed(observation)) return;
    const { step, metrics } = observation;
    this.options.onWarning(
      `The codebook has collapsed: at step ${step} the perplexity of the codes is ${metrics.perplexity.toFixed(1)}, ` +
        `down from ${this.peak.perplexity.toFixed(1)} at step ${this.peak.step}, and ${metrics.deadCodes} of ` +
        `${this.options.codebookSize} codes are dead. Lower the learning rate, restart unused codes ` +
        '(quantiser.restartBelow), or train an AMAE (rows #1.4 and #1.5); in an AMAE raise quantiser.diversity.nu.',
    );
  }

  /** Takes in an observation. @returns true at the first step of a collapse */
  private hasCollapsed({ step, metrics }: CodebookObservation): boolean {
    if (!('perplexity' in metrics) || step <= this.lastStep) return false;
    this.lastStep = step;
    const { perplexity, deadCodes } = metrics;
    if (perplexity > this.peak.perplexity) this.peak = { step, perplexity };
    const isLow = deadCodes > 0 && perplexity < collapse * this.peak.perplexity;
    if (step <= this.warmUpSteps || !isLow || this.warnedAt > this.peak.step) return false;
    this.warnedAt = step;
    return true;
  }
}
