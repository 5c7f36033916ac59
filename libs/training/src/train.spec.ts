import { UserError, parseSettings } from '@fermata/core';
import { expectNoLeak } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { trainingSettings } from './config/trainingConfig';
import { RunStore } from './runs/runStore';
import type { Run } from './runs/runStore';
import { countingBatch, SoftmaxRegression } from './testing/softmaxRegression';
import { loadModel, train } from './train';
import type { TrainOptions } from './train';
import type { LossResult } from './trainable';

jest.setTimeout(60_000); // processes and disks may be busy

const config = parseSettings(
  trainingSettings,
  {
    seed: 1,
    steps: 20,
    batchSize: 2,
    cropLength: 8,
    learningRate: 0.1,
    logEvery: 5,
    evaluateEvery: 8,
    checkpointEvery: 6,
  },
  'spec',
);
let folder: string;
let run: Run;
let model: SoftmaxRegression;

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'fermata-'));
  run = new RunStore(folder).run({ config, seed: 1, data: 'counting' });
  model = new SoftmaxRegression();
});
afterEach(() => {
  jest.restoreAllMocks();
  model.dispose();
  fs.rmSync(folder, { recursive: true });
});

const start = (options: Partial<TrainOptions> = {}) =>
  train({ model, config, run, batch: countingBatch(config), ...options });
const weightsOf = (of: SoftmaxRegression) =>
  [...of.weights(), ...of.state()].map(([path, variable]) => [path, [...variable.dataSync()]]);
const withoutTimes = () => run.metrics().map((line) => ({ ...line, times: undefined }));

// Model of another run of the same config in another folder, never interrupted.
async function undisturbed() {
  const other = new SoftmaxRegression();
  const elsewhere = new RunStore(join(folder, 'undisturbed')).run(run.identity);
  await train({ model: other, config, run: elsewhere, batch: countingBatch(config) });
  const metrics = elsewhere.metrics().map((line) => ({ ...line, times: undefined }));
  const weights = weightsOf(other);
  other.dispose();
  return { weights, metrics };
}

describe('train', () => {
  it('learns, logs, evaluates the average and says how far it is', async () => {
    const evaluated: number[] = [];
    const progress: string[] = [];
    const steps: { step: number; nll: number }[] = [];
    const result = await start({
      onStep: (step, { nll }) => steps.push({ step, nll }),
      evaluate: (step) => {
        evaluated.push(step);
        return { bias: model.weights().get('softmax/bias')!.dataSync()[0] };
      },
      onProgress: ({ stage, done, total, detail }) => {
        progress.push([stage, done, total, detail?.replace(/[\d.]+/, '#')].join(' '));
      },
    });
    expect(evaluated).toEqual([8, 16, 20]);
    expect(progress.slice(0, 2)).toEqual(['train 0 20 ', 'train 1 20 NLL #']);
    expect(progress).toHaveLength(21);
    const lines = run.metrics();
    expect(lines.map(({ kind, step, timesteps }) => [kind, step, timesteps])).toEqual([
      ['train', 5, 80],
      ['evaluation', 8, 128],
      ['train', 10, 160],
      ['train', 15, 240],
      ['evaluation', 16, 256],
      ['train', 20, 320],
      ['evaluation', 20, 320],
    ]);
    expect(Object.keys(lines[0].metrics)).toEqual(['loss', 'nll', 'penalty', 'gradientNorm']);
    // A line holds the means of the steps since the previous line.
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    const lastFive = steps.slice(15).reduce((sum, { nll }) => sum + nll / 5, 0);
    expect(lines[5].metrics.nll).toBeCloseTo(lastFive, 6);
    expect(lines[5].metrics.nll).toBeLessThan(lines[0].metrics.nll - 0.2);
    expect(lines[5].metrics.loss).toBeCloseTo(lines[5].metrics.nll + lines[5].metrics.penalty, 6);
    expect(result).toEqual({ ...run.result(), steps: 20, timesteps: 320, training: lines[5].metrics });
    // The model ends with the weights of the last evaluation.
    expect(model.weights().get('softmax/bias')!.dataSync()[0]).toBe(result.evaluation.bias);
    expect(run.provenance()).toMatchObject({
      run: run.id,
      seed: 1,
      data: 'counting',
      sessions: [{ backend: tf.getBackend() }],
    });
    expect(run.provenance()?.finished).toBeDefined();
  });

  it('logs means over the steps since the line before', async () => {
    const every = { ...config, logEvery: 1 };
    const elsewhere = new RunStore(folder).run({
      config: every,
      seed: 1,
      data: 'counting',
    });
    const other = new SoftmaxRegression();
    await train({ model: other, config: every, run: elsewhere, batch: countingBatch(config) });
    other.dispose();
    await start();
    const losses = elsewhere.metrics().map(({ metrics }) => metrics.loss);
    const mean = losses.slice(5, 10).reduce((sum, loss) => sum + loss, 0) / 5;
    expect(run.metrics()[1].metrics.loss).toBeCloseTo(mean, 12);
  });

  it('leaves no tensor behind, step by step and in all', async () => {
    const counts: number[] = [];
    await expectNoLeak(() =>
      start({
        onProgress: () => {
          counts.push(tf.memory().numTensors);
        },
      }),
    );
    expect(new Set(counts).size).toBe(1);
  });

  it('does not train a complete run again', async () => {
    const result = await start();
    const weights = weightsOf(model);
    const fresh = new SoftmaxRegression();
    const batch = jest.fn();
    expect(await start({ model: fresh, batch })).toEqual(result);
    expect(batch).not.toHaveBeenCalled();
    expect(weightsOf(fresh)).toEqual(weights);
    loadModel(run, fresh, { averaged: false });
    expect(weightsOf(fresh)).not.toEqual(weights);
    fresh.dispose();
  });

  it.each([[7], [8], [20]])('stops at step %d on request, and goes on to the same end', async (at) => {
    const expected = await undisturbed();
    const controller = new AbortController();
    const stopped = start({
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === at) controller.abort(new Error('Ctrl-C'));
      },
    });
    await expect(stopped).rejects.toThrow('Ctrl-C');
    expect(run.result()).toBeUndefined();
    expect(fs.readdirSync(run.checkpoints).at(-1)).toBe(`step-${String(at).padStart(9, '0')}.safetensors`);
    await expect(start({ signal: controller.signal })).rejects.toThrow('Ctrl-C');
    const resumed = new SoftmaxRegression();
    const steps: number[] = [];
    await start({
      model: resumed,
      onProgress: ({ done }) => {
        steps.push(done);
      },
    });
    expect(steps[0]).toBe(at);
    expect(weightsOf(resumed)).toEqual(expected.weights);
    expect(withoutTimes()).toEqual(expected.metrics);
    resumed.dispose();
  });

  it('repeats an evaluation that was interrupted', async () => {
    const controller = new AbortController();
    const stopped = start({
      signal: controller.signal,
      evaluate: (step) => {
        if (step === 16) controller.abort();
        controller.signal.throwIfAborted();
        return { step };
      },
    });
    await expect(stopped).rejects.toThrow('aborted');
    const resumed = new SoftmaxRegression();
    await start({ model: resumed, evaluate: (step) => ({ step }) });
    resumed.dispose();
    expect(run.provenance()?.sessions.map(({ fromStep }) => fromStep)).toEqual([0, 16]);
    const evaluations = run.metrics().filter(({ kind }) => kind === 'evaluation');
    expect(evaluations.map(({ step, metrics }) => [step, metrics.step])).toEqual([
      [8, 8],
      [16, 16],
      [20, 20],
    ]);
  });

  it('goes on from the checkpoint before a damaged one, and says so', async () => {
    const expected = await undisturbed();
    const controller = new AbortController();
    const stopped = start({
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 13) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow('aborted');
    const newest = join(run.checkpoints, 'step-000000013.safetensors');
    const bytes = fs.readFileSync(newest);
    bytes[bytes.length - 1] ^= 0x40;
    fs.writeFileSync(newest, bytes);
    const warnings: string[] = [];
    const resumed = new SoftmaxRegression();
    await start({ model: resumed, onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual([`${newest}: the checksum does not match. Going back to that of step 12.`]);
    expect(run.provenance()?.sessions.map(({ fromStep }) => fromStep)).toEqual([0, 12]);
    expect(weightsOf(resumed)).toEqual(expected.weights);
    expect(withoutTimes()).toEqual(expected.metrics);
    resumed.dispose();
  });

  it('keeps its checkpoint when the disk fills up, and goes on once there is room', async () => {
    const expected = await undisturbed();
    const { writeSync } = fs;
    const write = jest.spyOn(fs, 'writeSync');
    const stopped = start({
      onProgress: ({ done }) => {
        if (done < 14) return;
        write.mockImplementation(((descriptor: number, bytes: Uint8Array, offset: number) => {
          const left = bytes.subarray(offset);
          if (left.length < 10) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
          return writeSync(descriptor, left.subarray(0, left.length / 2));
        }) as typeof writeSync);
      },
    });
    await expect(stopped).rejects.toThrow(
      `${run.file('metrics.jsonl')}: the disk is full. Free some space and run the same command again`,
    );
    write.mockRestore();
    const resumed = new SoftmaxRegression();
    await start({ model: resumed });
    expect(run.provenance()?.sessions.map(({ fromStep }) => fromStep)).toEqual([0, 12]);
    expect(weightsOf(resumed)).toEqual(expected.weights);
    expect(withoutTimes()).toEqual(expected.metrics);
    resumed.dispose();
  });

  it('stops at a loss that is not finite, names it, and moves nothing', async () => {
    let before: unknown;
    class Exploding extends SoftmaxRegression {
      calls = 0;
      override loss(batch: tf.Tensor2D): LossResult {
        const { loss, metrics, statistics } = super.loss(batch);
        if (++this.calls !== 9) return { loss, metrics, statistics: statistics! };
        before = weightsOf(this);
        return { loss: tf.mul(loss, Infinity), metrics, statistics: statistics! };
      }
    }
    const exploding = new Exploding();
    const error = await start({ model: exploding }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(
      /^At step 9 loss is Infinity, gradientNorm is NaN; not finite: the gradient of softmax\/kernel/,
    );
    expect((error as UserError).remedy).toBe('Lower learningRate or clipNorm, or warm up for longer.');
    expect(weightsOf(exploding)).toEqual(before);
    expect(fs.readdirSync(run.checkpoints)).toEqual([
      'step-000000001.safetensors',
      'step-000000006.safetensors',
    ]);
    exploding.dispose();
  });

  it('warns of weights that the loss does not depend on', async () => {
    class Idle extends SoftmaxRegression {
      private readonly spare = tf.variable(tf.ones([2]));
      override weights(): ReadonlyMap<string, tf.Variable> {
        return new Map([...super.weights(), ['spare', this.spare]]);
      }
    }
    const idle = new Idle();
    const warnings: string[] = [];
    await start({ model: idle, onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual(['The loss does not depend on spare: not trained.']);
    expect([...idle.weights().get('spare')!.dataSync()]).toEqual([1, 1]);
  });

  it('works without an average', async () => {
    const plain = { ...config, polyakDecay: 0, clipNorm: 0 };
    const elsewhere = new RunStore(folder).run({ config: plain, seed: 1, data: 'counting' });
    const evaluated: unknown[] = [];
    const evaluate = () => {
      evaluated.push(weightsOf(model));
      return {};
    };
    await expectNoLeak(() =>
      train({ model, config: plain, run: elsewhere, batch: countingBatch(config), evaluate }),
    );
    expect(evaluated.at(-1)).toEqual(weightsOf(model));
    const averaged = new SoftmaxRegression();
    loadModel(elsewhere, averaged);
    expect(weightsOf(averaged)).toEqual(weightsOf(model));
    averaged.dispose();
  });

  it('lets one process in at a time', async () => {
    const release = run.open();
    await expect(start()).rejects.toThrow('this process is already writing in this folder');
    release();
  });

  it('rejects a config or data of another run', async () => {
    await expect(start({ config: { ...config, seed: 2 } })).rejects.toThrow(RangeError);
    const controller = new AbortController();
    const stopped = start({
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow('aborted');
    await expect(start({ config: { ...config, clipNorm: 2 } })).rejects.toThrow(
      new RangeError(`${run.folder}: the run began with another training config`),
    );
    await expect(start({ batch: () => new Int32Array(3) })).rejects.toThrow(
      new RangeError('a batch of 2 × 8 symbols cannot have 3'),
    );
  });

  it('refuses the checkpoint of another model', async () => {
    await start();
    class Wider extends SoftmaxRegression {
      override weights(): ReadonlyMap<string, tf.Variable> {
        return new Map([...super.weights(), ['softmax/bias', tf.variable(tf.ones([6]))]]);
      }
    }
    await expect(start({ model: new Wider() })).rejects.toThrow(
      `${run.folder}: polyak/softmax/bias has the shape [5], the model's is [6].`,
    );
  });
});
