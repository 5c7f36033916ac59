import { EventsWriter } from './events';
import { MetricsLog } from './metricsLog';
import type { MetricsLine } from './metricsLog';
import type { Run } from './runStore';

/** Contents of a checkpoint besides tensors. */
export interface Bookkeeping {
  /** Length of metrics.jsonl. */
  readonly metricsBytes: number;
  readonly wallSeconds: number;
  /** Sums over the steps since the last line of metrics. */
  readonly sums: Readonly<Record<string, number>>;
  readonly summedSteps: number;
}

/** Collects the measurements of steps and writes them to metrics.jsonl and to TensorBoard's events. */
export class RunLog {
  private readonly metrics: MetricsLog;
  private readonly events: EventsWriter;
  private readonly onMetrics: (line: MetricsLine) => void;
  private readonly started = performance.now();
  private readonly secondsBefore: number;
  private sums: Record<string, number>;
  private summedSteps: number;
  private metricsBytes: number;
  // Counted since the last line, in this session.
  private timesteps = 0;
  private seconds = 0;
  private latest: Readonly<Record<string, number>> = {};

  /**
   * @param options.step number of steps before this session
   * @param options.bookkeeping from the checkpoint that the run continues from
   */
  constructor(options: {
    readonly run: Run;
    readonly step: number;
    readonly bookkeeping: Bookkeeping | undefined;
    readonly onMetrics: (line: MetricsLine) => void;
    readonly onWarning: (message: string) => void;
  }) {
    const { run, step, bookkeeping, onMetrics, onWarning } = options;
    this.metricsBytes = bookkeeping?.metricsBytes ?? 0;
    this.secondsBefore = bookkeeping?.wallSeconds ?? 0;
    this.sums = { ...bookkeeping?.sums };
    this.summedSteps = bookkeeping?.summedSteps ?? 0;
    this.onMetrics = onMetrics;
    run.metrics(onWarning); // says what is damaged before the damaged end is cut off
    this.metrics = new MetricsLog(run.file('metrics.jsonl'), this.metricsBytes, step);
    if (this.metrics.bytes < this.metricsBytes) {
      onWarning(`${run.file('metrics.jsonl')}: lines from before step ${step} are missing.`);
      this.metricsBytes = this.metrics.bytes;
    }
    try {
      this.events = new EventsWriter(run.folder, step);
      const last = run.metrics().at(-1);
      if (last?.step === step) this.writeEvents(last);
    } catch (error) {
      this.metrics.close();
      throw error;
    }
  }

  /** Seconds spent on the run so far, over all sessions. */
  get wallSeconds(): number {
    return this.secondsBefore + (performance.now() - this.started) / 1000;
  }

  /** Adds the measurements of a step. */
  add(
    measured: Readonly<Record<string, number>>,
    { timesteps, seconds }: { timesteps: number; seconds: number },
  ): void {
    for (const [name, value] of Object.entries(measured)) this.sums[name] = (this.sums[name] ?? 0) + value;
    this.summedSteps++;
    this.timesteps += timesteps;
    this.seconds += seconds;
    this.latest = this.means();
  }

  /** Mean NLL since the last line, or the loss if a model reports no NLL; shown beside a progress bar. */
  detail(): string | undefined {
    if ('nll' in this.latest) return `NLL ${this.latest.nll.toFixed(3)}`;
    return 'loss' in this.latest ? `loss ${this.latest.loss.toFixed(3)}` : undefined;
  }

  /** Writes the means since the last line. */
  writeTraining(step: number, timesteps: number, learningRate: number): void {
    const metrics = this.means();
    const times = {
      wallSeconds: this.wallSeconds,
      ...(this.seconds > 0 && { timestepsPerSecond: this.timesteps / this.seconds }),
    };
    this.write({ kind: 'train', step, timesteps, metrics, learningRate, times });
    this.sums = {};
    this.summedSteps = this.timesteps = this.seconds = 0;
  }

  writeEvaluation(step: number, timesteps: number, metrics: Readonly<Record<string, number>>): void {
    this.write({ kind: 'evaluation', step, timesteps, metrics, times: { wallSeconds: this.wallSeconds } });
  }

  /** Marks all training lines up to this step as written: a checkpoint of this step must keep them. */
  markStep(): void {
    this.metricsBytes = this.metrics.bytes;
  }

  bookkeeping(): Bookkeeping {
    const { metricsBytes, wallSeconds, sums, summedSteps } = this;
    return { metricsBytes, wallSeconds, sums, summedSteps };
  }

  flush(): void {
    this.metrics.flush();
  }

  /** True while the run's folder still has its place: false once it is deleted or moved. */
  isInPlace(): boolean {
    return this.metrics.isInPlace();
  }

  close(): void {
    this.metrics.close();
    this.events.close();
  }

  private means(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.sums).map(([name, sum]) => [name, sum / this.summedSteps]));
  }

  private write(line: MetricsLine): void {
    this.metrics.write(line);
    this.writeEvents(line);
    this.onMetrics(line);
  }

  private writeEvents({ kind, step, metrics, learningRate }: MetricsLine): void {
    const values = { ...metrics, ...(learningRate !== undefined && { learningRate }) };
    this.events.write(
      step,
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind}/${name}`, value])),
    );
  }
}
