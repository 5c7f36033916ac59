import { DatasetWriter } from '@fermata/data';
import { fold, randomKey, RandomStream } from '@fermata/core';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Unavailable } from './contenders';
import type { Machine } from './machine';
import { compare, measure, rateOf, type Rate, type Timing } from './measure';
import type { DataTask } from './protocol';
import { median, significant } from './statistics';
import { benchTrain, type TrainOptions } from './train';

export interface DataPeer {
  readonly name: string;
  readonly timestepsPerSecond: number;
  /** Fermata's timesteps per second divided by the peer's. */
  readonly ratio: number;
  readonly ratioRange: readonly [low: number, high: number];
}

/** Output of `fermata bench data --json`. */
export interface DataResult {
  readonly benchmark: 'data';
  readonly length: number;
  readonly batch: number;
  readonly backend: string;
  readonly timestepsPerSecond: number;
  /** Seconds to draw a batch, and to make a training step on it. */
  readonly batchSeconds: number;
  readonly stepSeconds: number;
  readonly percentOfStep: number;
  /** Net of the step. */
  readonly channels: number;
  readonly layers: number;
  readonly threads: number;
  readonly peers: readonly DataPeer[];
  readonly unavailable: readonly Unavailable[];
  readonly repetitions: number;
  readonly machine: Machine;
}

/**
 * Measures the data pipeline alone: random excerpts from a dataset's files to an int32 tensor `[batch, length]`, beside
 * a training step. The files were just written, so the operating system caches them, as it soon does any dataset that
 * fits in memory.
 *
 * @throws UserError if a backend or a Python is not available
 */
export async function benchData(options: TrainOptions): Promise<DataResult> {
  const { channels, layers, length, batch, threads, repetitions } = options;
  const folder = mkdtempSync(join(tmpdir(), 'fermata-bench-'));
  try {
    const task = dataTask(folder, batch, length);
    const { subject, peers, unavailable, machine } = await measure(
      { task, parts: ['batch'], pytorchTask: task, compilable: false },
      options,
    );
    const { seconds: stepSeconds } = await benchTrain({ ...options, peers: [] });
    const batchSeconds = significant(median(subject.turns.batch!));
    return {
      benchmark: 'data',
      length,
      batch,
      backend: subject.name,
      timestepsPerSecond: rate(subject).perSecond,
      batchSeconds,
      stepSeconds,
      percentOfStep: significant((100 * batchSeconds) / stepSeconds, 3),
      channels,
      layers,
      threads,
      peers: peers.map((peer) => ({
        name: peer.name,
        timestepsPerSecond: rate(peer).perSecond,
        ...compare(rate(subject), rate(peer)),
      })),
      unavailable,
      repetitions,
      machine,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const pieces = 16;
const shortestPiece = 60 * 16000;

function dataTask(folder: string, batch: number, length: number): DataTask {
  const stream = new RandomStream(fold(randomKey('bench'), 'dataset'));
  const symbols = new Uint8Array(Math.max(shortestPiece, 2 * length));
  const writer = new DatasetWriter(folder, { symbols: 256, rate: 16000, description: 'random symbols' });
  for (let piece = 0; piece < pieces; piece++) {
    for (let t = 0; t < symbols.length; t++) symbols[t] = stream.uint32() & 255;
    writer.add({ id: `piece ${piece}`, source: 'bench', split: 'train' }, symbols);
  }
  writer.finish().close();
  const [first] = readdirSync(folder)
    .filter((name) => name.endsWith('.bin'))
    .sort();
  const shard = join(folder, first);
  return { kind: 'data', batch, length, folder, shard, shardBytes: statSync(shard).size };
}

function rate({ task, turns }: Timing): Rate {
  const { batch, length } = task as DataTask;
  return rateOf(batch * length, turns.batch!);
}
