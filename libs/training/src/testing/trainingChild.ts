// Trains the model of the specs, and kills itself (SIGKILL) at the given point:
// node --require …/testing/register.js trainingChild.ts '{"runs": …, "config": …, "kill": { "point": "metrics", "step": 7 }}'

import fs from 'node:fs';

import type { TrainingConfig } from '../config/trainingConfig';
import { RunStore } from '../runs/runStore';
import { train } from '../train';
import { countingBatch, SoftmaxRegression } from './softmaxRegression';

/** Point where the process dies. */
export interface Kill {
  /**
   * While it makes a batch, runs an evaluation, has half written a line or a record, or has not yet renamed a
   * checkpoint.
   */
  readonly point: 'batch' | 'evaluation' | 'metrics' | 'events' | 'checkpoint';
  readonly step: number;
}

export interface ChildOptions {
  readonly runs: string;
  readonly config: TrainingConfig;
  readonly kill?: Kill;
}

const { runs, config, kill } = JSON.parse(process.argv[2]) as ChildOptions;
let step = 0;

function dieAt(point: Kill['point']): void {
  if (kill?.point === point && kill.step === step) process.kill(process.pid, 'SIGKILL');
}

const { openSync, writeSync, renameSync } = fs;
const opened = new Map<number, string>();
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  opened.set(descriptor, String(path));
  return descriptor;
};
fs.writeSync = ((descriptor: number, bytes: Uint8Array, offset = 0) => {
  const point = opened.get(descriptor)!.endsWith('metrics.jsonl') ? 'metrics' : 'events';
  if (kill?.point === point && kill.step === step) writeSync(descriptor, bytes.subarray(0, bytes.length / 2));
  dieAt(point);
  return writeSync(descriptor, bytes, offset);
}) as typeof fs.writeSync;
fs.renameSync = (from, to) => {
  if (String(to).endsWith('.safetensors')) dieAt('checkpoint');
  renameSync(from, to);
};

const model = new SoftmaxRegression();
const makeBatch = countingBatch(config);
void train({
  model,
  config,
  run: new RunStore(runs).run({ config, seed: config.seed, data: 'counting' }),
  batch: (number, key) => {
    dieAt('batch');
    step = number + 1;
    return makeBatch(number, key);
  },
  // From the values themselves: a run that forgets them does not end at the same numbers.
  adjust: (_, hyperparameters) => {
    for (const [name, hyperparameter] of hyperparameters) {
      hyperparameter.set(hyperparameter.value * (name === 'penalty' ? 1.03 : 0.99), name);
    }
  },
  evaluate: () => {
    dieAt('evaluation');
    return { bias: model.weights().get('softmax/bias')!.dataSync()[0] };
  },
});
