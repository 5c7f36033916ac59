import type { BenchOptions, Unavailable } from './contenders';
import type { Machine } from './machine';
import { compare, measure, percentOfPeak, rateOf, type Rate, type Timing } from './measure';
import { flopsPerTimestep } from './flops';
import { dilationsOf, type NetworkSize } from './network';
import { trainParts, type TrainTask } from './protocol';
import { median, significant } from './statistics';

/** Trained net: the one of docs/performance.md, whose head is as wide as its layers. */
export interface TrainOptions extends BenchOptions {
  readonly channels: number;
  readonly layers: number;
  /** Timesteps of a crop. */
  readonly length: number;
  /** Crops of a batch. */
  readonly batch: number;
}

/** Speed of a part of a training step. */
export interface Speed {
  /** Seconds for one batch. */
  readonly seconds: number;
  readonly timestepsPerSecond: number;
  readonly gflopsPerSecond: number;
  /** Percentage of the machine's peak of multiply-adds; null if the peak is unknown. */
  readonly percentOfPeak: number | null;
}

/** Speed of a whole step (forward, backward, Adam), and of its parts. */
export interface StepSpeed extends Speed {
  /** Speed of the loss alone, without the work for gradients. */
  readonly forward: Speed;
  /** Additional cost of gradients; null if it is lost in noise. */
  readonly backward: Speed | null;
  /** Additional cost of Adam, in seconds. */
  readonly optimiserSeconds: number;
  /**
   * Peak resident memory of the process: the program with its runtime and libraries, the net, Adam's moments, and the
   * memory of the steps. Null if the system does not report it.
   */
  readonly peakMemoryMiB: number | null;
}

export interface TrainPeer extends StepSpeed {
  readonly name: string;
  /** Timesteps of its crops: fewer if it is slow. Its FLOPs are counted by the same rule. */
  readonly length: number;
  /** Fermata's timesteps per second divided by the peer's. */
  readonly ratio: number;
  readonly ratioRange: readonly [low: number, high: number];
}

/** Output of `fermata bench train --json`. */
export interface TrainResult extends StepSpeed {
  readonly benchmark: 'train';
  readonly channels: number;
  readonly layers: number;
  readonly length: number;
  readonly batch: number;
  readonly threads: number;
  readonly backend: string;
  readonly flopsPerTimestep: number;
  readonly peakGflopsPerSecond: number | null;
  readonly peers: readonly TrainPeer[];
  readonly unavailable: readonly Unavailable[];
  readonly repetitions: number;
  readonly machine: Machine;
}

/** Measures training steps of a WaveNet. @throws UserError if a backend or a Python is not available */
export async function benchTrain(options: TrainOptions): Promise<TrainResult> {
  const { channels, layers, length, batch, threads, repetitions } = options;
  const size: NetworkSize = { channels, layers, head: channels };
  const flops = flopsPerTimestep(size);
  const task = trainTask(size, batch, length);
  const measured = await measure(
    {
      task,
      parts: trainParts,
      wasmTask: trainTask(size, batch, wasmLength(length, flops.total)),
      pytorchTask: task,
      compilable: true,
    },
    options,
  );
  const { subject, peers, peak, unavailable, machine } = measured;
  return {
    benchmark: 'train',
    channels,
    layers,
    length,
    batch,
    threads,
    backend: subject.name,
    flopsPerTimestep: flops.total,
    ...stepSpeed(subject, flops, peak),
    peakGflopsPerSecond: peak,
    peers: peers.map((peer) => ({
      name: peer.name,
      length: (peer.task as TrainTask).length,
      ...stepSpeed(peer, flops, peak),
      ...compare(rate(subject), rate(peer)),
    })),
    unavailable,
    repetitions,
    machine,
  };
}

function trainTask({ channels, layers, head }: NetworkSize, batch: number, length: number): TrainTask {
  return {
    kind: 'train',
    channels,
    head,
    dilations: dilationsOf(layers),
    batch,
    length,
    learningRate: 1e-3,
    checkSteps: 2,
    checkLength: checkLength(layers, length),
  };
}

// Long enough for every tap to read an input, and short enough for the slowest process.
function checkLength(layers: number, length: number): number {
  return Math.min(length, 64 + Math.max(...dilationsOf(layers)));
}

// tfjs on wasm makes some GFLOP/s: whole crops would take it too long. Crops shorter than these slow it down.
const wasmFlops = 7e9;
const shortestWasm = 2048;

function wasmLength(length: number, flops: number): number {
  return Math.min(length, Math.max(shortestWasm, 2 ** Math.floor(Math.log2(wasmFlops / flops))));
}

function timestepsOf({ task }: Timing): number {
  const { batch, length } = task as TrainTask;
  return batch * length;
}

function rate(timing: Timing): Rate {
  return rateOf(timestepsOf(timing), timing.turns.step!);
}

function stepSpeed(
  timing: Timing,
  flops: ReturnType<typeof flopsPerTimestep>,
  peak: number | null,
): StepSpeed {
  const timesteps = timestepsOf(timing);
  const { forward, gradients, step } = timing.turns;
  const [forwardSeconds, gradientSeconds, stepSeconds] = [forward, gradients, step].map((turns) =>
    median(turns!),
  );
  const speed = (seconds: number, flopsEach: number): Speed => {
    const gflopsPerSecond = significant((timesteps * flopsEach) / seconds / 1e9);
    return {
      seconds: significant(seconds),
      timestepsPerSecond: significant(timesteps / seconds),
      gflopsPerSecond,
      percentOfPeak: percentOfPeak(gflopsPerSecond, peak),
    };
  };
  const backwardSeconds = gradientSeconds - forwardSeconds;
  return {
    ...speed(stepSeconds, flops.total),
    forward: speed(forwardSeconds, flops.forward),
    backward: backwardSeconds > 0 ? speed(backwardSeconds, flops.backward) : null,
    optimiserSeconds: significant(Math.max(0, stepSeconds - gradientSeconds)),
    peakMemoryMiB: timing.peakMemoryMiB,
  };
}
