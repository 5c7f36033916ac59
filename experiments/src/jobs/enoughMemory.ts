import { UserError } from '@fermata/core';
import { mostArrayValues, stepMemory, type StepMemory } from '@fermata/models';
import { totalmem } from 'node:os';

import { describeModel } from '../models';
import { rowConfig, type Row, type Settings } from '../rows';
import type { Scale } from '../scales';

/** A row to train, with changes to its settings. */
export interface PlannedTraining {
  readonly row: Row;
  readonly settings?: Settings | undefined;
}

export interface MemoryOptions {
  /** Trainings at a time; 1 if left out. */
  readonly concurrency?: number;
  /** Memory in bytes; that of this machine or container if left out. */
  readonly memory?: number;
}

/**
 * Checks before any data are prepared that training steps fit into memory, by the prediction of `stepMemory` for the
 * backend `native`, which needs least.
 *
 * @throws UserError that names the setting to lower, or the number of jobs
 */
export function requireEnoughMemory(
  trainings: readonly PlannedTraining[],
  scale: Scale,
  { concurrency = 1, memory = machineMemory() }: MemoryOptions = {},
): void {
  const totals = trainings.map(({ row, settings }) => {
    const needed = memoryOf(row, scale, settings);
    if (!fits(needed, memory)) throw tooLarge({ row, settings }, scale, needed, memory);
    return needed.total;
  });
  const largest = totals.sort((a, b) => b - a);
  const together = (jobs: number) => largest.slice(0, jobs).reduce((sum, total) => sum + total, 0);
  if (together(concurrency) <= memory) return;
  let most = concurrency;
  while (together(most) > memory) most--;
  throw new UserError(
    `${concurrency} trainings at a time need ${gibibytes(together(concurrency))} of memory, but this machine has ${gibibytes(memory)}.`,
    `Give --jobs ${most}.`,
  );
}

/** Memory that this process may use, in bytes: the machine's, or less in a container. */
function machineMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

function memoryOf(row: Row, scale: Scale, settings: Settings | undefined): StepMemory {
  const { model, budget } = rowConfig(row, scale, settings);
  return stepMemory(describeModel(model), budget);
}

function fits({ total, largestArray }: StepMemory, memory: number): boolean {
  return total <= memory && largestArray <= mostArrayValues;
}

function tooLarge(
  { row, settings = {} }: PlannedTraining,
  scale: Scale,
  { total, largestArray }: StepMemory,
  memory: number,
): UserError {
  const problem =
    total > memory
      ? `${gibibytes(total)} of memory, but this machine has ${gibibytes(memory)}`
      : `an array of ${number(largestArray)} values, but the most is ${number(mostArrayValues)}`;
  return new UserError(
    `#${row.id} at scale ${scale.name}: a training step needs ${problem}.`,
    remedyFor(row, settings, scale),
  );
}

/** Names the setting that asks for the memory: the one whose default needs least. */
function remedyFor(row: Row, settings: Settings, scale: Scale): string {
  const without = Object.keys(settings).flatMap((path) => {
    const rest = Object.fromEntries(Object.entries(settings).filter(([other]) => other !== path));
    try {
      return [{ path, total: memoryOf(row, scale, rest).total }];
    } catch (error) {
      // The other settings may need this one.
      if (error instanceof UserError) return [];
      throw error;
    }
  });
  if (without.length === 0) return 'Choose a smaller --scale, or a machine with more memory.';
  const { path } = without.reduce((least, one) => (one.total < least.total ? one : least));
  return `Lower ${path} (${JSON.stringify(settings[path])}).`;
}

function gibibytes(bytes: number): string {
  return `${number(bytes / 2 ** 30)} GiB`;
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
