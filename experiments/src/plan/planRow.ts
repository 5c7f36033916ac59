import { trainingConfig } from '../jobs/rowRun';
import { encoderReceptiveFieldOf, receptiveFieldOf, reachOf } from '../model';
import type { Row } from '../row';
import { rowNamed } from '../rows';
import type { Scale } from '../scales';
import { audioRate } from '../table-1/base';
import { memoryOf, type StepMemory } from './memory';
import { sizeOf } from './sizes';

/** What a row is and what its training takes, from configs alone. */
export interface RowPlan {
  readonly id: string;
  readonly title: string;
  readonly parameters: number;
  /** Floating point operations of training for each timestep, forward and backward: see `ModelSize`. */
  readonly flopsPerTimestep: number;
  /** Those of forward alone. */
  readonly forwardFlopsPerTimestep: number;
  /** r of the autoregressive model, in timesteps of the sequence modelled. Exact. */
  readonly receptiveField: number;
  readonly receptiveFieldMs: number;
  /** What the paper says of it; null where it says nothing. */
  readonly paperReceptiveField: number | null;
  readonly paperReceptiveFieldMs: number | null;
  /** Timesteps that a query of the encoder sees; null where there is none. */
  readonly encoderReceptiveField: number | null;
  readonly batchSize: number;
  readonly cropLength: number;
  readonly steps: number;
  readonly timesteps: number;
  /** Of all steps. */
  readonly flops: number;
  /** What a training step holds on the backend `native`, see `StepMemory`. */
  readonly memoryMiB: number;
  readonly memory: StepMemory;
}

const bytesPerMiB = 2 ** 20;

/** Plans the training of a row at a scale. No model is made. */
export function planRow(row: Row, scale: Scale): RowPlan {
  const model = row.model(scale);
  const budget = row.budget(scale);
  const { batchSize, cropLength, steps } = trainingConfig(budget, 0);
  const timesteps = steps * batchSize * cropLength;
  const { parameters, flopsPerTimestep } = sizeOf(model);
  const memory = memoryOf(model, budget);
  const receptiveField = receptiveFieldOf(model);
  const paperReceptiveField = row.paper?.receptiveField ?? null;
  const milliseconds = (of: number): number => (1000 * of * samplesPerTimestep(row, scale)) / audioRate;
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
    encoderReceptiveField: encoderReceptiveFieldOf(model),
    batchSize,
    cropLength,
    steps,
    timesteps,
    flops: timesteps * flopsPerTimestep.total,
    memoryMiB: memory.total / bytesPerMiB,
    memory,
  };
}

/** Samples of audio that a timestep of the row's sequence stands for. */
function samplesPerTimestep({ sequence }: Row, scale: Scale): number {
  if (sequence === 'audio') return 1;
  const below = rowNamed(sequence);
  return reachOf(below.model(scale)).hop * samplesPerTimestep(below, scale);
}
