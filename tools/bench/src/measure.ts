import { alternate, type Entry } from './alternate';
import {
  startContenders,
  type Benchmark,
  type BenchOptions,
  type Ready,
  type Unavailable,
} from './contenders';
import { describeMachine, type Machine } from './machine';
import type { Part, Task } from './protocol';
import { median, range, significant } from './statistics';

/** What one process was measured to do. */
export interface Timing {
  readonly name: string;
  readonly task: Task;
  /** Of each turn, seconds by part. */
  readonly turns: Readonly<Partial<Record<Part, readonly number[]>>>;
  /** The most that was resident in its process, from its start to its last turn; null where the system does not tell. */
  readonly peakMemoryMiB: number | null;
}

/** What was measured in one run. */
export interface Measurement {
  readonly subject: Timing;
  readonly peers: readonly Timing[];
  /** Of all threads together, in GFLOP/s; null where the kernels that measure it are not built. */
  readonly peak: number | null;
  readonly unavailable: readonly Unavailable[];
  readonly machine: Machine;
}

/**
 * Measures a benchmark, Fermata and its peers in turn.
 *
 * @throws as `startContenders` does, and the signal's reason when it is aborted
 */
export async function measure(benchmark: Benchmark, options: BenchOptions): Promise<Measurement> {
  const { signal } = options;
  signal?.throwIfAborted();
  try {
    return await measureAll(benchmark, options);
  } catch (error) {
    signal?.throwIfAborted(); // what else failed, failed because its process was stopped
    throw error;
  }
}

async function measureAll(benchmark: Benchmark, options: BenchOptions): Promise<Measurement> {
  const machine = describeMachine();
  const contenders = await startContenders(benchmark, options);
  try {
    const { subject, peers, unavailable } = contenders;
    const all = [subject, ...peers];
    const entries: Entry[] = [
      { name: 'peak', contender: subject.contender, part: 'peak' },
      ...all.flatMap(({ name, contender }) =>
        benchmark.parts.map((part) => ({ name: `${name}: ${part}`, contender, part })),
      ),
    ];
    const turns = await alternate(entries, {
      rounds: options.repetitions,
      seconds: options.seconds,
      ...(options.onProgress && { onProgress: options.onProgress }),
    });
    const timing = ({ name, contender, task }: Ready): Timing => ({
      name,
      task,
      turns: Object.fromEntries(
        entries.flatMap((entry, index) =>
          entry.contender === contender && entry.part !== 'peak' ? [[entry.part, turns[index]]] : [],
        ),
      ),
      peakMemoryMiB: contender.peakMemory(),
    });
    const [peaks] = turns;
    return {
      subject: timing(subject),
      peers: peers.map(timing),
      peak: peaks.length === 0 ? null : significant(median(peaks)),
      unavailable,
      machine,
    };
  } finally {
    contenders.close();
  }
}

/** How many units (timesteps, samples) a process does in a second. */
export interface Rate {
  /** By the median of its turns. */
  readonly perSecond: number;
  readonly turns: readonly number[];
}

/** @param units done in each repetition, @param seconds of a repetition, turn by turn */
export function rateOf(units: number, seconds: readonly number[]): Rate {
  return {
    perSecond: significant(units / median(seconds)),
    turns: seconds.map((each) => units / each),
  };
}

/**
 * How many times as fast as a peer Fermata is: the ratio of the medians, and the smallest and the largest of the turns
 * side by side. The peer may have had fewer.
 */
export function compare(
  ours: Rate,
  theirs: Rate,
): { ratio: number; ratioRange: [low: number, high: number] } {
  const [low, high] = range(theirs.turns.map((rate, turn) => ours.turns[turn] / rate));
  return {
    ratio: significant(ours.perSecond / theirs.perSecond),
    ratioRange: [significant(low), significant(high)],
  };
}

/** Percent of the peak; null where that is not known. */
export function percentOfPeak(gflopsPerSecond: number, peak: number | null): number | null {
  return peak === null ? null : significant((100 * gflopsPerSecond) / peak, 4);
}
