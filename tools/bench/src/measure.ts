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

/** Measurements of one process. */
export interface Timing {
  readonly name: string;
  readonly task: Task;
  /** Seconds of each turn, by part. */
  readonly turns: Readonly<Partial<Record<Part, readonly number[]>>>;
  /** Peak resident memory of its process, from its start to its last turn; null if the system does not report it. */
  readonly peakMemoryMiB: number | null;
}

/** Measurements of one run. */
export interface Measurement {
  readonly subject: Timing;
  readonly peers: readonly Timing[];
  /** Peak of all threads together, in GFLOP/s; null without the kernels that measure it. */
  readonly peak: number | null;
  readonly unavailable: readonly Unavailable[];
  readonly machine: Machine;
}

/**
 * Measures a benchmark: Fermata and its peers in turn.
 *
 * @throws as `startContenders` does, and the signal's reason if it is aborted
 */
export async function measure(benchmark: Benchmark, options: BenchOptions): Promise<Measurement> {
  const { signal } = options;
  signal?.throwIfAborted();
  try {
    return await measureAll(benchmark, options);
  } catch (error) {
    signal?.throwIfAborted(); // other errors follow from the stopped process
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

/** Number of units (timesteps, samples) that a process computes per second. */
export interface Rate {
  /** Speed by the median of its turns. */
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
 * Speed of Fermata relative to a peer: the ratio of the medians, and the smallest and the largest ratio of turns side
 * by side. The peer may have had fewer turns.
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

/** Percent of the peak; null if the peak is unknown. */
export function percentOfPeak(gflopsPerSecond: number, peak: number | null): number | null {
  return peak === null ? null : significant((100 * gflopsPerSecond) / peak, 4);
}
