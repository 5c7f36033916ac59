import { UserError } from '@fermata/core';
import { loadKernels } from '@fermata/kernels';
import { selectBackend } from '@fermata/tensor';
import { encodeSafetensors } from '@fermata/training';
import * as tf from '@tensorflow/tfjs';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import type { Answer, Request, Task } from '../protocol';
import { dataWork } from './dataWork';
import { sampleWork } from './sampleWork';
import { trainWork } from './trainWork';
import type { Work } from './work';

// Process that `fermata bench` measures. FERMATA_BACKEND and FERMATA_THREADS configure it.

async function workOn(task: Task): Promise<Work> {
  switch (task.kind) {
    case 'train':
      return trainWork(task);
    case 'sample':
      return sampleWork(task);
    case 'data':
      return dataWork(task);
  }
}

let work: Work | undefined;

async function handle(request: Request): Promise<Answer> {
  if (request.command === 'prepare') {
    const backend = await selectBackend();
    work = await workOn(request.task);
    if (request.tensors !== undefined) {
      writeFileSync(request.tensors, encodeSafetensors({ tensors: work.tensors, metadata: {} }));
    }
    for (const part of request.parts) await work.run(part);
    // The sampler runs on the kernels with every backend.
    const sampler = loadKernels() === undefined ? 'TypeScript' : 'native';
    const name = request.task.kind === 'sample' ? sampler : backend.name;
    return { version: tf.version.tfjs, check: work.check, name };
  }
  if (request.part === 'peak') {
    const kernels = loadKernels();
    if (kernels === undefined) return { values: null };
    return { values: Array.from({ length: request.repetitions }, () => kernels.measurePeak()) };
  }
  const values: number[] = [];
  for (let i = 0; i < request.repetitions; i++) values.push(await work!.run(request.part));
  return { values };
}

function asAnswer(error: unknown): Answer {
  if (error instanceof UserError) return { error: error.problem, remedy: error.remedy };
  return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

async function serve(): Promise<void> {
  for await (const line of createInterface(process.stdin)) {
    const answer = await handle(JSON.parse(line) as Request).catch(asAnswer);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

void serve().then(() => process.exit(0));
