import { stepMemory, type StepMemory } from '@fermata/models';

import { audioRate, budgetOf, describeRow, trainingConfig, type Row } from '../rows';
import type { Scale } from '../scales';
import { samplesPerSymbol } from '../sequences';

/** Size of a row and cost of its training, computed from configs alone. */
export interface RowPlan {
  readonly id: string;
  readonly title: string;
  readonly parameters: number;
  /** Floating point operations of training per timestep, forward and backward: see `ModelSize`. */
  readonly flopsPerTimestep: number;
  /** FLOPs of the forward pass alone. */
  readonly forwardFlopsPerTimestep: number;
  /** r of the autoregressive model, in timesteps of the sequence modelled. Exact. */
  readonly receptiveField: number;
  readonly receptiveFieldMs: number;
  /** The paper's receptive field; null if it prints none. */
  readonly paperReceptiveField: number | null;
  readonly paperReceptiveFieldMs: number | null;
  /** Timesteps that a query of the encoder sees; null for a model without encoder. */
  readonly encoderReceptiveField: number | null;
  readonly batchSize: number;
  readonly cropLength: number;
  readonly steps: number;
  readonly timesteps: number;
  /** FLOPs of all steps. */
  readonly flops: number;
  /** Memory of a training step on the backend `native`, see `StepMemory`. */
  readonly memoryMiB: number;
  readonly memory: StepMemory;
}

const bytesPerMiB = 2 ** 20;

/** Plans the training of a row at a scale, without creating a model. */
export function planRow(row: Row, scale: Scale): RowPlan {
  const facts = describeRow(row, scale);
  const budget = budgetOf(row, scale);
  const { batchSize, cropLength, steps } = trainingConfig(budget, 0);
  const timesteps = steps * batchSize * cropLength;
  const { parameters, flopsPerTimestep, receptiveField, encoderReceptiveField } = facts;
  const memory = stepMemory(facts, budget);
  const paperReceptiveField = row.paper?.receptiveField ?? null;
  const milliseconds = (of: number): number =>
    (1000 * of * samplesPerSymbol(row.sequence, scale)) / audioRate;
  return {
    id: row.id,
    title: row.title,
    parameters,
    flopsPerTimestep: flopsPerTimestep.total,
    forwardFlopsPerTimestep: flopsPerTimestep.forward,
    receptiveField,
    receptiveFieldMs: milliseconds(receptiveField),
    paperReceptiveField,
    paperReceptiveFieldMs: paperReceptiveField === null ? null : milliseconds(paperReceptiveField),
    encoderReceptiveField,
    batchSize,
    cropLength,
    steps,
    timesteps,
    flops: timesteps * flopsPerTimestep.total,
    memoryMiB: memory.total / bytesPerMiB,
    memory,
  };
}
