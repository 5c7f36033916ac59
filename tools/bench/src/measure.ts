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

/** Measures a benchmark, Fermata and its peers in turn. @throws as `startContenders` does */
export async function measure(benchmark: Benchmark, options: BenchOptions): Promise<Measurement> {
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

/**
 * How many times as fast as a peer Fermata is.
 *
 * @param ours units per second in each turn
 * @param theirs the peer's, which may have had fewer turns
 * @returns the ratio of the medians, and the smallest and largest of the turns side by side
 */
export function compare(
  ours: readonly number[],
  theirs: readonly number[],
): { ratio: number; ratioRange: [low: number, high: number] } {
  const pairs = theirs.map((rate, turn) => ours[turn] / rate);
  const [low, high] = range(pairs);
  return {
    ratio: significant(median(ours) / median(theirs)),
    ratioRange: [significant(low), significant(high)],
  };
}

/** Percent of the peak; null where that is not known. */
export function percentOfPeak(gflopsPerSecond: number, peak: number | null): number | null {
  return peak === null ? null : significant((100 * gflopsPerSecond) / peak, 4);
}
