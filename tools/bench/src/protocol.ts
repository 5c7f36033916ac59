import type { WeightFormat } from '@fermata/kernels';

/**
 * What the command and the processes that it measures say to each other: lines of JSON on their standard input and
 * output, one answer to each request. The processes are `worker.ts` and, in Python, `pytorch/peer.py`. A process ends
 * when its standard input does.
 */

/** Parts of a training step, of which each has the ones before it in it. */
export const trainParts = ['forward', 'gradients', 'step'] as const;
export type TrainPart = (typeof trainParts)[number];
export type Part = TrainPart | 'sample' | 'batch' | 'peak';

interface NetworkTask {
  readonly channels: number;
  readonly head: number;
  readonly dilations: readonly number[];
}

/** Training steps on a batch `[batch, length]`. */
export interface TrainTask extends NetworkTask {
  readonly kind: 'train';
  readonly batch: number;
  readonly length: number;
  readonly learningRate: number;
  /** Steps made first on crops of `checkLength`: their losses must be the same in every process. */
  readonly checkSteps: number;
  readonly checkLength: number;
}

/** Symbols drawn one after the other. */
export interface SampleTask extends NetworkTask {
  readonly kind: 'sample';
  readonly streams: number;
  readonly weights: WeightFormat;
  /** Timesteps a repetition. */
  readonly timesteps: number;
  /** Symbols whose NLL must be the same in every process. */
  readonly checkLength: number;
}

/** Excerpts `[batch, length]` of a dataset. */
export interface DataTask {
  readonly kind: 'data';
  readonly batch: number;
  readonly length: number;
  /** A dataset's folder, and the file of its symbols: one byte each. */
  readonly folder: string;
  readonly shard: string;
  readonly shardBytes: number;
}

export type Task = TrainTask | SampleTask | DataTask;

export type Request =
  | {
      readonly command: 'prepare';
      readonly task: Task & { readonly threads: number };
      /** Done once each, so that what is measured later is warm. */
      readonly parts: readonly Part[];
      /** A safetensors file with the weights and `symbols` int32 `[batch, time]`. The worker writes it, peers read it. */
      readonly tensors?: string;
      /** Of PyTorch: whether to use torch.compile. */
      readonly compiled?: boolean;
    }
  | { readonly command: 'measure'; readonly part: Part; readonly repetitions: number };

export type Answer =
  | {
      /** Of the software that computes. */
      readonly version: string;
      /** What must be the same in every process: losses in nats. */
      readonly check: readonly number[];
      /** Of the worker, what computes: the tfjs backend, and of a sampler `native` or `TypeScript`. */
      readonly name?: string;
    }
  /** Seconds of each repetition; of the part `peak` GFLOP/s. Null: there is nothing to measure. */
  | { readonly values: readonly number[] | null }
  | {
      readonly error: string;
      /** Of a UserError. */
      readonly remedy?: string;
      /** What is to be measured is not there. */
      readonly missing?: boolean;
    };
