import { RandomStream, randomKey } from '@fermata/core';
import { RunStore, train, type JobContext } from '@fermata/training';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { trainingConfig } from '../jobs/rowRun';
import { createModel, type ModelConfig } from '../model';
import type { Budget } from '../scales';

/** Which steps to make. */
export interface StepsArgument {
  readonly model: ModelConfig;
  readonly budget: Pick<Budget, 'batchSize' | 'cropLength'>;
  /** How many steps are measured, after one that is not. */
  readonly steps: number;
}

/** What training steps took. */
export interface MeasuredSteps {
  /** Of the fastest step: whatever else the machine does only makes steps slower. */
  readonly secondsPerStep: number;
  /** The most that was ever resident in the process; null where the system does not tell (Linux does). */
  readonly peakMiB: number | null;
  /** How much of it came after the program itself: the model and its steps. */
  readonly memoryMiB: number | null;
}

/**
 * Makes training steps as a run makes them, on random symbols, and measures them. In a process that did nothing before,
 * since memory is that of the process from its start.
 */
export async function measureSteps(argument: StepsArgument, context: JobContext): Promise<MeasuredSteps> {
  const { model: config, budget, steps } = argument;
  const { batchSize, cropLength } = budget;
  const before = residentMiB('VmRSS');
  const key = randomKey('plan');
  const stream = new RandomStream(key);
  const symbols = Int32Array.from({ length: batchSize * cropLength }, () =>
    stream.integer(config.config.symbols),
  );
  const timesteps = (steps + 1) * symbols.length;
  // So slow that nothing is learnt of noise.
  const slow = { batchSize, cropLength, timesteps, learningRate: 1e-6, warmUpSteps: 0 };
  // In long trainings lines of metrics and checkpoints are so rare that they cost nothing.
  const rarely = { logEvery: steps + 1, checkpointEvery: steps + 1 };
  const model = createModel(config, key);
  const folder = mkdtempSync(join(tmpdir(), 'fermata-plan-'));
  try {
    const times: number[] = [];
    // Up to each step, before the checkpoint after the last one.
    const peaks: (number | null)[] = [];
    await train({
      model,
      config: { ...trainingConfig(slow, 1), ...rarely },
      run: new RunStore(folder).run({ config: { steps }, seed: 1, data: 'random' }),
      batch: () => symbols,
      onStep: () => {
        times.push(performance.now() / 1000);
        peaks.push(residentMiB('VmHWM'));
      },
      ...context,
    });
    const peakMiB = peaks.at(-1) ?? null;
    const seconds = times.slice(1).map((time, index) => time - times[index]);
    return {
      secondsPerStep: Math.min(...seconds),
      peakMiB,
      memoryMiB: peakMiB === null || before === null ? null : peakMiB - before,
    };
  } finally {
    model.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

function residentMiB(name: 'VmRSS' | 'VmHWM'): number | null {
  let status: string;
  try {
    status = readFileSync('/proc/self/status', 'utf8');
  } catch {
    return null; // not Linux
  }
  const kibibytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) / 1024;
}
