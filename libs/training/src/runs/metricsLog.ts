import { asFileError } from '@fermata/core';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { z } from 'zod';

const count = z.int().nonnegative();

/** Line of metrics.jsonl: the measurements of training or of an evaluation at a step. */
const metricsLine = z.object({
  kind: z.enum(['train', 'evaluation']),
  step: count.describe('number of optimiser steps so far'),
  timesteps: count.describe('number of timesteps trained on: steps × batch × crop'),
  metrics: z
    .record(z.string(), z.number())
    .readonly()
    .describe('values by name; for training, means over the steps since the previous line'),
  learningRate: z.exactOptional(z.number().describe('learning rate of the last step; only for training')),
  times: z
    .object({
      wallSeconds: z.number().describe('seconds spent on this run so far, over all sessions'),
      timestepsPerSecond: z.exactOptional(z.number().describe('speed; only for training')),
    })
    .readonly()
    .describe('the part of a line that differs between two runs of the same config'),
});
export type MetricsLine = Readonly<z.output<typeof metricsLine>>;
export type LineTimes = MetricsLine['times'];

/** Appends lines to metrics.jsonl. */
export class MetricsLog {
  private readonly descriptor: number;
  private length: number;

  /**
   * Opens the file at the checkpoint that the run continues from, and cuts off the rest: what lies beyond the bytes,
   * an incomplete last line, and lines of later steps, which a damaged file may have moved.
   *
   * @param bytes length of the file at the checkpoint
   * @param step step of the checkpoint
   * @throws UserError if the file cannot be written
   */
  constructor(
    private readonly path: string,
    bytes: number,
    step: number,
  ) {
    try {
      this.descriptor = openSync(path, 'a');
    } catch (error) {
      throw asFileError(error, path);
    }
    try {
      this.length = keptBytes(readFileSync(path).subarray(0, bytes), step);
      ftruncateSync(this.descriptor, this.length);
    } catch (error) {
      this.close();
      throw asFileError(error, path);
    }
  }

  /** Length of the file. */
  get bytes(): number {
    return this.length;
  }

  /** @throws UserError if the disk is full */
  write(line: MetricsLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`, 'utf8');
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.descriptor, bytes, written);
    } catch (error) {
      throw asFileError(error, this.path);
    }
    this.length += bytes.length;
  }

  /**
   * Waits until the written lines are on the disk. @throws UserError if it is full, which some disks report only now
   */
  flush(): void {
    try {
      fsyncSync(this.descriptor);
    } catch (error) {
      throw asFileError(error, this.path);
    }
  }

  /** True while the file still has its place: false once it is deleted or moved. */
  isInPlace(): boolean {
    const [own, found] = [fstatSync(this.descriptor), statSync(this.path, { throwIfNoEntry: false })];
    return found?.ino === own.ino && found.dev === own.dev;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Length of the whole lines that a run of so many steps has written. */
function keptBytes(contents: Buffer, step: number): number {
  let kept = 0;
  for (let end = contents.indexOf('\n'); end >= 0; end = contents.indexOf('\n', kept)) {
    const line = parseLine(contents.toString('utf8', kept, end));
    // The evaluation of a checkpoint's step comes after the checkpoint.
    const isLater = line !== undefined && line.step + (line.kind === 'evaluation' ? 1 : 0) > step;
    if (isLater) break;
    kept = end + 1;
  }
  return kept;
}

/**
 * Reads the lines of metrics.jsonl; none if the file does not exist yet. It ignores an incomplete last line.
 *
 * @param onWarning called once for damaged lines, which are left out
 */
export function readMetrics(
  path: string,
  onWarning: (message: string) => void = () => undefined,
): MetricsLine[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1).map(parseLine);
  const damaged = lines.flatMap((line, index) => (line === undefined ? [index + 1] : []));
  if (damaged.length > 0) {
    const which = damaged.length === 1 ? `line ${damaged[0]} is` : `${damaged.length} lines are`;
    onWarning(`${path}: ${which} damaged, and left out of the learning curve. The weights are not affected.`);
  }
  return lines.filter((line) => line !== undefined);
}

function parseLine(text: string): MetricsLine | undefined {
  try {
    return metricsLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
