import { RandomStream, randomKey } from '@fermata/core';
import { RunStore, train, type JobContext } from '@fermata/training';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createModel, describeModel, type ModelConfig } from '../models';
import { trainingConfig } from '../rows';
import type { Budget } from '../scales';

/** Options for measured training steps. */
export interface StepsArgument {
  readonly model: ModelConfig;
  readonly budget: Pick<Budget, 'batchSize' | 'cropLength'>;
  /** Steps to measure, after one that is not measured. */
  readonly steps: number;
}

/** Time and memory of training steps. */
export interface MeasuredSteps {
  /** Seconds of the fastest step. Other work on the machine only makes steps slower. */
  readonly secondsPerStep: number;
  /** Largest resident memory of the process, in MiB; null unless the system reports it (Linux does). */
  readonly peakMiB: number | null;
  /** Memory of the model and its steps, without the program itself, in MiB. */
  readonly memoryMiB: number | null;
}

/**
 * Makes training steps on random symbols, as a run does, and measures them. It needs a fresh process, because memory
 * counts from the start of the process.
 */
export async function measureSteps(argument: StepsArgument, context: JobContext): Promise<MeasuredSteps> {
  const { model: config, budget, steps } = argument;
  const { batchSize, cropLength } = budget;
  const before = residentMiB('VmRSS');
  const key = randomKey('plan');
  const stream = new RandomStream(key);
  const symbols = Int32Array.from({ length: batchSize * cropLength }, () =>
    stream.integer(describeModel(config).symbols),
  );
  const timesteps = (steps + 1) * symbols.length;
  // The rate is too low to learn from noise.
  const slow = { batchSize, cropLength, timesteps, learningRate: 1e-6, warmUpSteps: 0 };
  // Long trainings write metrics and checkpoints so rarely that they cost nothing.
  const rarely = { logEvery: steps + 1, checkpointEvery: steps + 1 };
  const model = createModel(config, key);
  const folder = mkdtempSync(join(tmpdir(), 'fermata-plan-'));
  try {
    const times: number[] = [];
    // Peaks up to each step, before the checkpoint after the last one.
    const peaks: (number | null)[] = [];
    await train({
      model,
      config: { ...trainingConfig(slow, 1), ...rarely },
      run: new RunStore(folder).run({ config: { steps }, seed: 1, data: 'random' }),
      batch: () => symbols,
      checkpointMinutes: Infinity,
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
