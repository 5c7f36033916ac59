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

/** A line of metrics.jsonl: what training or an evaluation measured at a step. */
export interface MetricsLine {
  readonly kind: 'train' | 'evaluation';
  /** Optimiser steps made. */
  readonly step: number;
  /** Timesteps trained on: steps × batch × crop. */
  readonly timesteps: number;
  /** By name: of training, means over the steps since the line before. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The learning rate of the last step; of training alone. */
  readonly learningRate?: number;
  readonly times: LineTimes;
}

/** All of a line that differs between two runs of the same config. */
export interface LineTimes {
  /** Seconds spent on this run so far, over all sessions. */
  readonly wallSeconds: number;
  /** Of training alone. */
  readonly timestepsPerSecond?: number;
}

/** Appends lines to metrics.jsonl. */
export class MetricsLog {
  private readonly descriptor: number;
  private length: number;

  /**
   * @param bytes the length of the file at the checkpoint that the run goes on from: what follows is cut off
   * @throws UserError when the file cannot be written
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

  /** The length of the file. */
  get bytes(): number {
    return this.length;
  }

  /** @throws UserError when the disk is full */
  write(line: MetricsLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`, 'utf8');
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.descriptor, bytes, written);
    } catch (error) {
      throw asFileError(error, this.path);
    }
    this.length += bytes.length;
  }

  /** Waits until the lines written are on the disk. @throws UserError when it is full, which some notice only now */
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
 * Reads the lines of metrics.jsonl; none where the file is not there yet. A last line that is still being written is
 * left out.
 *
 * @throws UserError for a line that is not JSON
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
