import { duration, printable, type Progress } from '@fermata/core';

import { EtaClock } from './eta';

/** Output stream of progress: `process.stderr`, or similar. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Shows the progress of jobs. */
export interface ProgressDisplay {
  /** Updates the progress of a job. Several jobs are shown at a time, in order of appearance. */
  update(name: string, progress: Progress): void;
  /** Ends the job's line with a closing remark such as `done` or `failed`. */
  finish(name: string, remark: string): void;
  /** Prints a line above the progress. */
  print(line: string): void;
  /** Stops, and leaves the last output on the screen. */
  close(): void;
}

/**
 * Creates a display for a stream: on a terminal one bar per job, redrawn at most ten times a second; elsewhere, such as
 * in the log of a cluster, one plain line per job every ten seconds.
 *
 * @param now returns the time in seconds
 */
export function createProgressDisplay(
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now() / 1000,
): ProgressDisplay {
  return stream.isTTY === true ? new Bars(stream, now) : new Lines(stream, now);
}

interface Job {
  readonly clock: EtaClock;
  progress: Progress;
  eta: number | undefined;
  shownAt: number;
}

abstract class Display implements ProgressDisplay {
  protected readonly jobs = new Map<string, Job>();

  constructor(
    protected readonly stream: ProgressStream,
    protected readonly now: () => number,
  ) {}

  update(name: string, progress: Progress): void {
    const job = this.jobs.get(name) ?? {
      clock: new EtaClock(),
      progress,
      eta: undefined,
      shownAt: -Infinity,
    };
    this.jobs.set(name, job);
    job.progress = progress;
    job.eta = job.clock.update(progress, this.now());
    this.show(name, job);
  }

  abstract finish(name: string, remark: string): void;
  abstract print(line: string): void;
  abstract close(): void;
  protected abstract show(name: string, job: Job): void;
}

const redrawSeconds = 0.1;
const lineSeconds = 10;
const barWidth = 20;

class Bars extends Display {
  private drawn = 0;
  private drawnAt = -Infinity;

  override finish(name: string, remark: string): void {
    const job = this.jobs.get(name);
    this.jobs.delete(name);
    const percentage = job === undefined ? '' : ` ${describe(job.progress)}`;
    this.print(`${name}${percentage} ${remark}`);
  }

  override print(line: string): void {
    this.erase();
    this.stream.write(`${printable(line)}\n`);
    this.draw();
  }

  override close(): void {
    this.erase();
    this.draw();
    this.drawn = 0;
  }

  protected override show(): void {
    if (this.now() - this.drawnAt < redrawSeconds) return;
    this.erase();
    this.draw();
  }

  private draw(): void {
    const names = [...this.jobs.keys()];
    const nameWidth = Math.max(0, ...names.map((name) => name.length));
    const width = this.stream.columns ?? 80;
    for (const [name, { progress, eta }] of this.jobs) {
      const line = `${name.padEnd(nameWidth)} ${bar(progress)} ${describe(progress, eta)}`;
      // A wrapped line would occupy two lines, and only one would be erased.
      this.stream.write(`${printable(line).slice(0, width - 1)}\n`);
    }
    this.drawn = names.length;
    this.drawnAt = this.now();
  }

  // Moves the cursor up, then erases to the end of the screen.
  private erase(): void {
    if (this.drawn > 0) this.stream.write(`\u001b[${this.drawn}A\u001b[J`);
    this.drawn = 0;
  }
}

class Lines extends Display {
  override finish(name: string, remark: string): void {
    const job = this.jobs.get(name);
    this.jobs.delete(name);
    this.print(`${name}${job === undefined ? '' : ` ${describe(job.progress)}`} ${remark}`);
  }

  override print(line: string): void {
    this.stream.write(`${printable(line)}\n`);
  }

  override close(): void {
    this.jobs.clear();
  }

  protected override show(name: string, job: Job): void {
    const time = this.now();
    if (time - job.shownAt < lineSeconds) return;
    job.shownAt = time;
    this.print(`${name} ${describe(job.progress, job.eta)}`);
  }
}

function bar({ done, total }: Progress): string {
  const filled = Math.min(barWidth, Math.floor((barWidth * done) / Math.max(total, 1)));
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}

function describe({ stage, done, total, detail }: Progress, eta?: number): string {
  const percentage = `${String(Math.floor((100 * done) / Math.max(total, 1))).padStart(3)}%`;
  const left = eta === undefined ? '' : `, ${duration(Math.round(eta))} left`;
  return `${stage} ${percentage}${left}${detail === undefined ? '' : `, ${detail}`}`;
}
