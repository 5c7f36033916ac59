import { asFileError, UserError } from '@fermata/core';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';

/** Line of metrics.jsonl: the measurements of training or of an evaluation at a step. */
export interface MetricsLine {
  readonly kind: 'train' | 'evaluation';
  /** Number of optimiser steps so far. */
  readonly step: number;
  /** Number of timesteps trained on: steps × batch × crop. */
  readonly timesteps: number;
  /** Values by name; for training, means over the steps since the previous line. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Learning rate of the last step; only for training. */
  readonly learningRate?: number;
  readonly times: LineTimes;
}

/** Part of a line that differs between two runs of the same config. */
export interface LineTimes {
  /** Seconds spent on this run so far, over all sessions. */
  readonly wallSeconds: number;
  /** Speed; only for training. */
  readonly timestepsPerSecond?: number;
}

/** Appends lines to metrics.jsonl. */
export class MetricsLog {
  private readonly descriptor: number;
  private length: number;

  /**
   * @param bytes length of the file at the checkpoint that the run continues from: the rest is cut off
   * @throws UserError if the file cannot be written
   */
  constructor(
    private readonly path: string,
    bytes: number,
  ) {
    try {
      this.descriptor = openSync(path, 'a');
    } catch (error) {
      throw asFileError(error, path);
    }
    try {
      const { size } = fstatSync(this.descriptor);
      if (size > bytes) ftruncateSync(this.descriptor, bytes);
      this.length = Math.min(size, bytes);
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

  close(): void {
    closeSync(this.descriptor);
  }
}

/**
 * Reads the lines of metrics.jsonl; none if the file does not exist yet. It ignores an incomplete last line.
 *
 * @throws UserError if a line is not JSON
 */
export function readMetrics(path: string): MetricsLine[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as MetricsLine;
    } catch {
      throw new UserError(`${path}: line ${index + 1} is not JSON.`, 'Delete the run and train it again.');
    }
  });
}
