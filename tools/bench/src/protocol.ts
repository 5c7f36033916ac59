import type { WeightFormat } from '@fermata/kernels';

/**
 * Protocol between the command and the measured processes: lines of JSON on their standard input and output, one answer
 * to each request. The processes are `worker.ts` and, in Python, `pytorch/peer.py`. A process ends with its standard
 * input.
 */

/** Parts of a training step; each includes the earlier ones. */
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
  /** Number of check steps, made first on crops of `checkLength`: their losses must be equal in every process. */
  readonly checkSteps: number;
  readonly checkLength: number;
}

/** Symbols drawn one after the other. */
export interface SampleTask extends NetworkTask {
  readonly kind: 'sample';
  readonly streams: number;
  readonly weights: WeightFormat;
  /** Timesteps per repetition. */
  readonly timesteps: number;
  /** Number of symbols whose NLL must be equal in every process. */
  readonly checkLength: number;
}

/** Excerpts `[batch, length]` of a dataset. */
export interface DataTask {
  readonly kind: 'data';
  readonly batch: number;
  readonly length: number;
  /** Folder of a dataset, and the file of its symbols: one byte each. */
  readonly folder: string;
  readonly shard: string;
  readonly shardBytes: number;
}

export type Task = TrainTask | SampleTask | DataTask;

export type Request =
  | {
      readonly command: 'prepare';
      readonly task: Task & { readonly threads: number };
      /** Parts done once each, to warm up. */
      readonly parts: readonly Part[];
      /** Safetensors file with the weights and `symbols` int32 `[batch, time]`. The worker writes it, peers read it. */
      readonly tensors?: string;
      /** For PyTorch: true to use torch.compile. */
      readonly compiled?: boolean;
    }
  | { readonly command: 'measure'; readonly part: Part; readonly repetitions: number };

export type Answer =
  | {
      /** Version of the computing software. */
      readonly version: string;
      /** Losses in nats, which must be equal in every process. */
      readonly check: readonly number[];
      /** For the worker, its tfjs backend, and for a sampler `native` or `TypeScript`. */
      readonly name?: string;
    }
  /** Seconds of each repetition, or GFLOP/s of the part `peak`. Null: there is nothing to measure. */
  | { readonly values: readonly number[] | null }
  | {
      readonly error: string;
      /** Remedy of a UserError. */
      readonly remedy?: string;
      /** True if the software to measure is missing. */
      readonly missing?: boolean;
    };
