import { AdaptiveMean } from './adaptiveMean';
import { shareOfBatch } from './codeWindow';

export interface CodebookMonitorOptions {
  /** k, the number of codes. */
  readonly symbols: number;
  /** How many codes a batch has. */
  readonly positions: number;
  readonly onWarning: (message: string) => void;
  /** What the model measured in earlier sessions, oldest first: remembered, and not warned of again. */
  readonly history?: Iterable<CodebookObservation>;
}

/** What a step measured, by name: `perplexity`, `batchPerplexity` and `deadCodes` are read. */
export interface CodebookObservation {
  /** From 1. */
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

// A fall to these shares of what was reached is no noise; half of it is the collapse that is to be warned of.
const fallOfWindow = 0.75;
const fallOfBatches = 2 / 3;
// The perplexity of fewer codes than these for each of k says more of them than of the codebook.
const fewestForEachCode = 4;

/**
 * Warns while the perplexity of the codes falls (section 3.1, codebook collapse). It reads the quantisers' metrics as plain
 * numbers, one observation a step, and watches two perplexities:
 *
 * - that of the codes of recent steps together, `perplexity` (`CodeWindow`). It says most where batches are small, but it
 *   follows late, and not at all where each batch has few codes and soon others;
 * - the mean of the batches' own, `batchPerplexity`, over as few of the last as their noise allows (`AdaptiveMean`).
 *
 * When the first is a quarter or the second a third below its last peak, that is told of; and again only after a rise by as
 * much, and another peak. So the warning comes before either is below half of its peak, unless a single step takes it there.
 *
 * It does not promise to come before a single batch is below half: excerpts of music may differ in their perplexities by a
 * factor of several. Where batches differ by a few hundredths, the warning comes at the latest with the second that is a
 * third below their mean; in the first 16 steps, of which the noise is not known yet, with the fourth that is half of it;
 * where they differ more, later, by as many steps as the window has at worst.
 */
export class CodebookMonitor {
  private readonly symbols: number;
  // The first step after which there have been codes enough.
  private readonly firstStep: number;
  private readonly onWarning: (message: string) => void;
  private readonly ofWindow = new FallDetector(fallOfWindow);
  private readonly ofBatches = new FallDetector(fallOfBatches);
  private readonly meanOfBatches: AdaptiveMean;
  // Steps after a checkpoint are made again by the session that goes on from it.
  private lastStep = 0;
  // When a fall was last told of.
  private lastFall = 0;

  constructor({ symbols, positions, onWarning, history = [] }: CodebookMonitorOptions) {
    this.symbols = symbols;
    this.firstStep = Math.ceil((fewestForEachCode * symbols) / positions);
    this.onWarning = onWarning;
    this.meanOfBatches = new AdaptiveMean(shareOfBatch(positions, symbols));
    for (const observation of history) this.take(observation);
  }

  /** Hears of a step; one without a perplexity, of a model that has no codes, says nothing. */
  observe(observation: CodebookObservation): void {
    const fallen = this.take(observation);
    if (fallen === undefined) return;
    const { step, metrics } = observation;
    this.onWarning(
      `At step ${step} the perplexity of the codes${fallen.of} is ${fallen.perplexity.toFixed(1)}, down from ` +
        `${fallen.peak.value.toFixed(1)} at step ${fallen.peak.step}, and ${metrics.deadCodes} of ${this.symbols} codes are ` +
        'dead: the codebook may be collapsing. Against it: random restarts (restartBelow), population based training ' +
        'of alpha and beta, or an AMAE instead of a VQ-VAE; for an AMAE a larger nu.',
    );
  }

  // What is seen to begin to fall, unless that was told of since its peak.
  private take({ step, metrics }: CodebookObservation): Fallen | undefined {
    if (step < this.firstStep || step <= this.lastStep) return undefined;
    this.lastStep = step;
    const found: Fallen[] = [];
    const watch = (of: string, perplexity: number, detector: FallDetector): void => {
      const peak = detector.take(step, perplexity);
      if (peak !== undefined && peak.step > this.lastFall) found.push({ of, perplexity, peak });
    };
    if ('perplexity' in metrics) watch('', metrics.perplexity, this.ofWindow);
    if ('batchPerplexity' in metrics) {
      watch(' of a batch', this.meanOfBatches.take(step, metrics.batchPerplexity), this.ofBatches);
    }
    if (found.length > 0) this.lastFall = step;
    return found.at(0);
  }
}

interface Extreme {
  readonly step: number;
  readonly value: number;
}

/** A perplexity that begins to fall. */
interface Fallen {
  /** What it is the perplexity of, after `the codes`. */
  readonly of: string;
  readonly perplexity: number;
  readonly peak: Extreme;
}

/** Finds where a series falls to a share of its last peak, for the first time since it has risen by as much from a low. */
class FallDetector {
  // The highest since the last fall, or, while it falls, the lowest.
  private extreme: Extreme | undefined;
  private falling = false;

  constructor(private readonly share: number) {}

  /** Takes the value of a step. @returns the peak that it has fallen from, where a fall is seen to begin */
  take(step: number, value: number): Extreme | undefined {
    const { share, extreme = { step, value } } = this;
    const turned = this.falling ? extreme.value < share * value : value < share * extreme.value;
    const further = this.falling ? value < extreme.value : value > extreme.value;
    if (turned) this.falling = !this.falling;
    this.extreme = turned || further ? { step, value } : extreme;
    return turned && this.falling ? extreme : undefined;
  }
}
