import { duration } from '@fermata/core';
import type { Column, Table } from '@fermata/report';

import type { ScalePlan, ScaledRow } from './planScale';

const columns: readonly Column[] = [
  { key: 'id', title: '#' },
  { key: 'model', title: 'model' },
  { key: 'parameters', title: 'parameters' },
  { key: 'mflops', title: 'MFLOP', unit: 'a timestep', digits: 2 },
  { key: 'memory', title: 'memory', unit: 'MiB', digits: 0 },
  { key: 'batch', title: 'batch' },
  { key: 'steps', title: 'steps' },
  { key: 'timesteps', title: 'timesteps' },
  { key: 'time', title: 'time' },
];
const receptiveFieldColumns: readonly Column[] = [
  { key: 'id', title: '#' },
  { key: 'model', title: 'model' },
  { key: 'r', title: 'r', unit: 'timesteps' },
  { key: 'r_ms', title: 'r', unit: 'ms', digits: 1 },
  { key: 'paper_r', title: 'r', unit: 'timesteps', group: 'the paper', reference: true },
  { key: 'paper_r_ms', title: 'r', unit: 'ms', digits: 1, group: 'the paper', reference: true },
  { key: 'encoder', title: 'encoder', unit: 'timesteps' },
];
const measuredColumns: readonly Column[] = [
  { key: 'id', title: '#' },
  { key: 'model', title: 'model' },
  { key: 'step_predicted', title: 'predicted', unit: 's', group: 'a step' },
  { key: 'step_measured', title: 'measured', unit: 's', group: 'a step' },
  { key: 'step_ratio', title: 'ratio', digits: 2, group: 'a step' },
  { key: 'memory_predicted', title: 'predicted', unit: 'MiB', digits: 0, group: 'memory' },
  { key: 'memory_measured', title: 'measured', unit: 'MiB', digits: 0, group: 'memory' },
  { key: 'memory_ratio', title: 'ratio', digits: 2, group: 'memory' },
  { key: 'peak', title: 'including the program', unit: 'MiB', digits: 0, group: 'memory' },
  { key: 'time', title: 'time from measured steps' },
];

/** Tables of a plan for people: the cost of each row, its receptive fields, and the measurements. */
export function planTables(plan: ScalePlan): Table[] {
  const { scale, rows } = plan;
  const measured = rows.filter((row) => row.measured !== undefined);
  const tables: Table[] = [
    {
      name: 'plan',
      title: `Scale ${scale}: cost of training`,
      columns,
      rows: rows.map(costOf),
      caption:
        `Time by ${rateText(plan)}. FLOPs are those of training: 2 per multiply-add of a matrix product, backward twice ` +
        'as many as forward; lookups, activations and recomputation do not count. Memory is the memory of a step ' +
        'on the backend native: weights, gradients, moments and average, the values that stacks save for their backward ' +
        'pass, and the values between operations with their gradients; without the program itself.',
    },
    {
      name: 'plan-receptive-fields',
      title: `Scale ${scale}: receptive fields`,
      columns: receptiveFieldColumns,
      rows: rows.map(receptiveFieldsOf),
      caption:
        'r is that of the autoregressive model, in timesteps of the sequence that it models, audio or codes. The ' +
        "paper's encoder of #1.2 sees 64 codes, 512 samples.",
    },
  ];
  if (measured.length === 0) return tables;
  return [
    ...tables,
    {
      name: 'plan-measured',
      title: `Scale ${scale}: predicted and measured here`,
      columns: measuredColumns,
      rows: measured.map(measurementOf),
      caption:
        'Ratio: predicted divided by measured. Each step has a whole batch of random symbols; the time is that of the fastest of three after a first one.',
    },
  ];
}

function rateText({ gflopsPerSecond, rateOf }: ScalePlan): string {
  const rate = `${gflopsPerSecond} GFLOP/s`;
  return rateOf === null
    ? `${rate} as given`
    : `${rate}, measured here with steps of #${rateOf.row} on ${rateOf.batchSize} × ${rateOf.cropLength} timesteps`;
}

function costOf(row: ScaledRow): Table['rows'][number] {
  return {
    id: row.id,
    model: row.title,
    parameters: row.parameters,
    mflops: row.flopsPerTimestep / 1e6,
    memory: row.memoryMiB,
    batch: `${row.batchSize} × ${row.cropLength}`,
    steps: row.steps,
    timesteps: row.timesteps,
    time: duration(row.seconds),
  };
}

function receptiveFieldsOf(row: ScaledRow): Table['rows'][number] {
  return {
    id: row.id,
    model: row.title,
    r: row.receptiveField,
    r_ms: row.receptiveFieldMs,
    paper_r: row.paperReceptiveField,
    paper_r_ms: row.paperReceptiveFieldMs,
    encoder: row.encoderReceptiveField,
  };
}

function measurementOf({ id, title, secondsPerStep, memoryMiB, measured }: ScaledRow): Table['rows'][number] {
  return {
    id,
    model: title,
    step_predicted: secondsPerStep,
    step_measured: measured?.secondsPerStep,
    step_ratio: measured?.timeRatio,
    memory_predicted: memoryMiB,
    memory_measured: measured?.memoryMiB,
    memory_ratio: measured?.memoryRatio,
    peak: measured?.peakMiB,
    time: measured && duration(measured.seconds),
  };
}
