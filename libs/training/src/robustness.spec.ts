import { UserError, parseSettings } from '@fermata/core';
import { fromSources } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { trainingSettings } from './config/trainingConfig';
import { assertFiniteStep } from './finite';
import { RunStore } from './runs/runStore';
import type { Run } from './runs/runStore';
import { countingBatch, SoftmaxRegression } from './testing/softmaxRegression';
import type { ChildOptions } from './testing/trainingChild';
import { loadModel, train } from './train';
import type { TrainOptions } from './train';
import type { LossResult, Trainable } from './trainable';

// Accidents of a run: none loses anything.
const config = parseSettings(
  trainingSettings,
  { seed: 1, steps: 20, batchSize: 2, cropLength: 8, learningRate: 0.1, logEvery: 5, checkpointEvery: 6 },
  'spec',
);
let folder: string;
let run: Run;

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'fermata-'));
  run = new RunStore(folder).run({ config, seed: 1, data: 'counting' });
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

/** Trains with its own model, and returns the final values. */
async function attempt(options: Partial<TrainOptions> = {}) {
  const model = new SoftmaxRegression();
  try {
    const result = await train({
      model,
      config,
      run,
      batch: countingBatch(config),
      evaluate: () => ({ bias: model.weights().get('softmax/bias')!.dataSync()[0] }),
      ...options,
    });
    const to = options.run ?? run;
    return {
      weights: valuesOf(model),
      result: { ...result, wallSeconds: 0 },
      metrics: to.metrics().map((line) => ({ ...line, times: undefined })),
    };
  } finally {
    model.dispose();
  }
}

const valuesOf = (model: Trainable) =>
  [...model.weights(), ...model.state()].map(([path, variable]) => [path, [...variable.dataSync()]]);
const undisturbed = () => attempt({ run: new RunStore(join(folder, 'undisturbed')).run(run.identity) });
const startedFrom = () => run.provenance()?.sessions.map(({ fromStep }) => fromStep);
const checkpoint = (step: number) =>
  join(run.checkpoints, `step-${String(step).padStart(9, '0')}.safetensors`);

/** Stops at a step, as Ctrl-C does. */
async function stopAt(step: number): Promise<void> {
  const controller = new AbortController();
  const stopped = attempt({
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done === step) controller.abort();
    },
  });
  await expect(stopped).rejects.toThrow('aborted');
}

describe('a full disk', () => {
  const fileOf = new Map<number, string>();
  const full = (call: string) => {
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: 'ENOSPC' });
  };

  // Writes succeed until training reaches step `from`; afterwards each write stores only part of its data and then
  // fails.
  function fill(file: RegExp, from: number, at: 'write' | 'fsync'): NonNullable<TrainOptions['onProgress']> {
    const { openSync, writeSync, fsyncSync } = fs;
    let step = -1;
    const isFull = (descriptor: number) => step >= from && file.test(fileOf.get(descriptor) ?? '');
    jest.spyOn(fs, 'openSync').mockImplementation((path, flags, mode) => {
      const descriptor = openSync(path, flags, mode);
      fileOf.set(descriptor, String(path));
      return descriptor;
    });
    jest.spyOn(fs, 'writeSync').mockImplementation(((
      descriptor: number,
      bytes: Uint8Array,
      offset: number,
    ) => {
      if (at !== 'write' || !isFull(descriptor)) return writeSync(descriptor, bytes, offset);
      const left = bytes.subarray(offset);
      return left.length < 10 ? full('write') : writeSync(descriptor, left, 0, Math.floor(left.length / 2));
    }) as typeof fs.writeSync);
    jest.spyOn(fs, 'fsyncSync').mockImplementation((descriptor) => {
      if (at === 'fsync' && isFull(descriptor)) full('fsync');
      fsyncSync(descriptor);
    });
    return ({ done }) => (step = done);
  }

  it.each<[string, RegExp, { from: number; at: 'write' | 'fsync'; goesOnFrom: number }]>([
    ['the first checkpoint', /\.safetensors/, { from: 0, at: 'write', goesOnFrom: 0 }],
    ['a checkpoint', /\.safetensors/, { from: 13, at: 'write', goesOnFrom: 12 }],
    ['a checkpoint that is flushed', /\.safetensors/, { from: 13, at: 'fsync', goesOnFrom: 12 }],
    ['metrics', /metrics\.jsonl/, { from: 13, at: 'write', goesOnFrom: 12 }],
    ['metrics that are flushed', /metrics\.jsonl/, { from: 13, at: 'fsync', goesOnFrom: 12 }],
    ["TensorBoard's events", /events\.out/, { from: 13, at: 'write', goesOnFrom: 12 }],
    ['the evaluation after the last step', /metrics\.jsonl/, { from: 20, at: 'write', goesOnFrom: 18 }],
    ['the end of the provenance', /provenance\.json/, { from: 20, at: 'write', goesOnFrom: 20 }],
    ['the result', /result\.json/, { from: 20, at: 'write', goesOnFrom: 20 }],
  ])('under %s is one clear error, and nothing is lost', async (_, file, { from, at, goesOnFrom }) => {
    const expected = await undisturbed();
    const error = await attempt({ onProgress: fill(file, from, at) }).catch((reason: unknown) => reason);
    jest.restoreAllMocks();
    expect(error).toBeInstanceOf(UserError);
    const { problem, remedy } = error as UserError;
    expect(problem).toMatch(new RegExp(`^${run.folder}.*${file.source}.*: the disk is full\\.$`));
    expect(remedy).toBe('Free some space and run the same command again: it goes on where it stopped.');
    expect(fs.readdirSync(run.folder).filter((name) => /lock|tmp/.test(name))).toEqual([]);
    const warnings: string[] = [];
    expect(await attempt({ onWarning: (message) => warnings.push(message) })).toEqual(expected);
    expect(warnings).toEqual([]);
    expect(startedFrom()).toEqual([0, goesOnFrom]);
  });
});

describe('a damaged checkpoint', () => {
  const flip = (position: (length: number) => number) => (path: string) => {
    const bytes = fs.readFileSync(path);
    bytes[position(bytes.length)] ^= 0x10;
    fs.writeFileSync(path, bytes);
  };
  const damages: [string, (path: string) => void][] = [
    ['a bit of the length of the header flipped', flip(() => 0)],
    ['a bit of the header flipped', flip(() => 40)],
    ['a bit in the middle flipped', flip((length) => length >> 1)],
    ['a bit at the end flipped', flip((length) => length - 1)],
    ['half of it', (path) => { fs.truncateSync(path, fs.statSync(path).size >> 1); }], // prettier-ignore
    ['nothing in it', (path) => { fs.truncateSync(path, 0); }], // prettier-ignore
    ['zeros alone', (path) => { fs.writeFileSync(path, Buffer.alloc(fs.statSync(path).size)); }], // prettier-ignore
  ];

  it.each(damages)('with %s is said, and the one before it used', async (_, damage) => {
    const expected = await undisturbed();
    await stopAt(13);
    damage(checkpoint(13));
    const warnings: string[] = [];
    expect(await attempt({ onWarning: (message) => warnings.push(message) })).toEqual(expected);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${checkpoint(13)}: `);
    expect(warnings[0]).toContain('Going back to that of step 12.');
    expect(startedFrom()).toEqual([0, 12]);
  });

  it('may be missing', async () => {
    const expected = await undisturbed();
    await stopAt(13);
    fs.rmSync(checkpoint(13));
    expect(await attempt()).toEqual(expected);
    expect(startedFrom()).toEqual([0, 12]);
  });

  it('and no other is said twice, and the run starts again', async () => {
    const expected = await undisturbed();
    await stopAt(13);
    for (const step of [12, 13]) fs.truncateSync(checkpoint(step), 100);
    const warnings: string[] = [];
    expect(await attempt({ onWarning: (message) => warnings.push(message) })).toEqual(expected);
    expect(warnings).toEqual([
      expect.stringMatching(/step-000000013.*Going back to that of step 12\.$/),
      expect.stringMatching(/step-000000012.*There is none before it\.$/),
    ]);
    expect(startedFrom()).toEqual([0, 0]);
  });

  it('of the last step is made again: older weights are not taken for those of the result', async () => {
    const expected = await attempt();
    fs.truncateSync(checkpoint(20), 100);
    const lost = `${run.checkpoints}: the checkpoint of step 20, the last, is damaged or missing.`;
    const model = new SoftmaxRegression();
    expect(() => {
      loadModel(run, model);
    }).toThrow(
      new UserError(lost, `Delete ${run.file('*.json')} and train the run again: it goes on from step 18.`),
    );
    const warnings: string[] = [];
    expect(await attempt({ onWarning: (message) => warnings.push(message) })).toEqual(expected);
    expect(warnings).toEqual([
      `${lost} What is lost is trained again.`,
      expect.stringMatching(/step-000000020.*Going back to that of step 18\.$/),
    ]);
    loadModel(run, model);
    expect(valuesOf(model)).toEqual(expected.weights);
    model.dispose();

    // The remedy in the message works.
    fs.truncateSync(checkpoint(20), 100);
    for (const name of fs.readdirSync(run.folder)) {
      if (name.endsWith('.json')) fs.rmSync(run.file(name));
    }
    expect(await attempt()).toEqual(expected);
    expect(startedFrom()).toEqual([18]);
  });
});

describe('a power cut', () => {
  const rarely = { ...config, checkpointEvery: 1000 };
  const rareRun = (store: string) => new RunStore(store).run({ config: rarely, seed: 1, data: 'counting' });

  /** Trains with a checkpoint by time alone, and ends without saving after a number of steps. */
  async function cutAfter(steps: number, options: Partial<TrainOptions> = {}): Promise<void> {
    const batch = countingBatch(rarely);
    const cut = attempt({
      config: rarely,
      batch: (step, key) => {
        if (step === steps) throw new Error('the power is gone');
        return batch(step, key);
      },
      ...options,
    });
    await expect(cut).rejects.toThrow('the power is gone');
  }

  beforeEach(() => {
    run = rareRun(folder);
  });
  afterEach(() => {
    delete process.env.FERMATA_CHECKPOINT_MINUTES;
  });

  it.each<[string, string | undefined, number, number]>([
    ['five minutes', undefined, 14, 11],
    ['the minutes that FERMATA_CHECKPOINT_MINUTES names', '2', 14, 13],
    ['the first five minutes but their first step', undefined, 5, 1],
  ])('loses at most %s, and no number changes', async (_, minutes, steps, goesOnFrom) => {
    const expected = await attempt({ config: rarely, run: rareRun(join(folder, 'undisturbed')) });
    if (minutes !== undefined) process.env.FERMATA_CHECKPOINT_MINUTES = minutes;
    // A step lasts a minute.
    let time = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => time);
    await cutAfter(steps, { onStep: () => (time += 60_000) });
    jest.restoreAllMocks();
    expect(await attempt({ config: rarely })).toEqual(expected);
    expect(startedFrom()).toEqual([0, goesOnFrom]);
  });

  it('loses no more than the steps since the last checkpoint, if all come by step alone', async () => {
    await cutAfter(14, { checkpointMinutes: Infinity });
    await attempt({ config: rarely });
    expect(startedFrom()).toEqual([0, 0]);
  });

  it('needs a number of minutes above 0', async () => {
    process.env.FERMATA_CHECKPOINT_MINUTES = '0';
    await expect(attempt({ config: rarely })).rejects.toThrow(
      new UserError('FERMATA_CHECKPOINT_MINUTES is 0.', 'Give a number of minutes above 0.'),
    );
  });
});

describe('a folder that is gone while its run is trained', () => {
  const gone = () =>
    new UserError(
      `${run.folder}: the folder of this run was deleted or moved during the work.`,
      'If you moved it, put it back, and run the same command again: it goes on from the newest checkpoint. Else the run starts again.',
    );
  const atStep = (step: number, act: () => void): Partial<TrainOptions> => ({
    onStep: (done) => {
      if (done === step) act();
    },
  });

  it.each([8, 20])(
    'is an error, not a complete run without its metrics: deleted at step %i',
    async (step) => {
      const expected = await undisturbed();
      const deleted = attempt(atStep(step, () => { fs.rmSync(run.folder, { recursive: true }); })); // prettier-ignore
      await expect(deleted).rejects.toThrow(gone());
      expect(fs.existsSync(run.folder)).toBe(false);
      expect(await attempt()).toEqual(expected);
    },
  );

  it('goes on once it is put back', async () => {
    const expected = await undisturbed();
    const elsewhere = join(folder, 'elsewhere');
    await expect(attempt(atStep(8, () => { fs.renameSync(run.folder, elsewhere); }))).rejects.toThrow(gone()); // prettier-ignore
    fs.renameSync(elsewhere, run.folder);
    expect(await attempt()).toEqual(expected);
    expect(startedFrom()).toEqual([0, 6]);
  });

  it('is an error for a process that writes its outcome after the training', async () => {
    await attempt();
    fs.rmSync(run.folder, { recursive: true });
    expect(() => {
      run.writeJson('measured.json', {});
    }).toThrow(gone());
    expect(fs.existsSync(run.folder)).toBe(false);
  });
});

describe('damaged metrics', () => {
  const lines = () => fs.readFileSync(run.file('metrics.jsonl'), 'utf8').split('\n').slice(0, -1);
  const write = (text: string) => {
    fs.writeFileSync(run.file('metrics.jsonl'), text);
  };
  const saysOf = (which: string) =>
    `${run.file('metrics.jsonl')}: ${which} damaged, and left out of the learning curve. The weights are not affected.`;

  it.each<[string, (text: string) => string]>([
    ['text', (text) => `${text}a disk error\n`],
    ['bytes without a line', (text) => `${text}${'\0'.repeat(1000)}`],
    ['JSON of another kind', (text) => `${text}{"kind": "train"}\n5\n`],
  ])('after the newest checkpoint are cut off, and the run goes on: %s', async (_, damage) => {
    const expected = await undisturbed();
    await stopAt(13);
    write(damage(fs.readFileSync(run.file('metrics.jsonl'), 'utf8')));
    const warnings: string[] = [];
    expect(await attempt({ onWarning: (message) => warnings.push(message) })).toEqual(expected);
    expect(startedFrom()).toEqual([0, 13]);
    expect(warnings.every((warning) => warning.includes(' damaged, and left out'))).toBe(true);
  });

  it.each<[string, (whole: string[]) => string[], number]>([
    ['one line', ([, ...rest]) => ['{ "kind', ...rest], 1],
    ['a line that is longer than before', ([, ...rest]) => ['x'.repeat(500), ...rest], 1],
    ['a line that is gone', ([, ...rest]) => rest, 0],
  ])('before the newest checkpoint are left out, and the run goes on: %s', async (_, damage, damaged) => {
    const expected = await undisturbed();
    await stopAt(13);
    write(`${damage(lines()).join('\n')}\n`);
    const warnings: string[] = [];
    const { weights, result, metrics } = await attempt({ onWarning: (message) => warnings.push(message) });
    expect([weights, result]).toEqual([expected.weights, expected.result]);
    expect(metrics.at(-1)).toEqual(expected.metrics.at(-1));
    const steps = metrics.map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b).concat(20)); // training and evaluation
    expect(warnings.includes(saysOf('line 1 is'))).toBe(damaged === 1);
  });
});

describe('a damaged JSON file', () => {
  const damages = ['', '{ "steps"', '\0\0\0\0', 'null', '[]', '{}'];
  const file = (name: string) => `${run.file(name)}: damaged`;
  const remedy =
    'Delete this file, and run the same command again: it writes the file again, and keeps everything else of the run.';

  it.each(['config.json', 'provenance.json', 'result.json'])(
    'is named with a remedy that keeps the rest of the run: %s',
    async (name) => {
      const expected = await attempt();
      for (const damage of damages) {
        fs.writeFileSync(run.file(name), damage);
        const error = await Promise.resolve()
          .then(() => {
            const found = new RunStore(folder).run(run.identity);
            found.result();
            found.provenance();
          })
          .catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(UserError);
        const { problem, remedy: said } = error as UserError;
        expect(problem.startsWith(file(name))).toBe(true);
        expect(said).toBe(remedy);
        fs.rmSync(run.file(name));
        run = new RunStore(folder).run(run.identity);
        expect(await attempt()).toEqual(expected);
        run.writeConfig();
        run.restoreProvenance();
        expect(run.provenance()).toMatchObject({ run: run.id, seed: 1, data: 'counting' });
      }
    },
  );

  it('of one run does not hide the others', async () => {
    await attempt();
    const other = new RunStore(folder).run({ ...run.identity, data: 'other' });
    other.open()();
    fs.writeFileSync(other.file('config.json'), '{');
    const warnings: string[] = [];
    expect(new RunStore(folder).list(({ message }) => warnings.push(message)).map(({ id }) => id)).toEqual([
      run.id,
    ]);
    expect(warnings).toEqual([`${other.file('config.json')}: damaged (not JSON). ${remedy}`]);
  });
});

describe('two processes', () => {
  it('cannot train one run, until the first is dead', async () => {
    const long = { ...config, steps: 1_000_000, checkpointEvery: 3 };
    run = new RunStore(folder).run({ config: long, seed: 1, data: 'counting' });
    const options: ChildOptions = { runs: folder, config: long };
    const first = spawn(
      process.execPath,
      [...fromSources, join(__dirname, 'testing/trainingChild.ts'), JSON.stringify(options)],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const ended = once(first, 'exit');
    // Trains one step of a million.
    const attemptStep = () => {
      const controller = new AbortController();
      const onStep = () => {
        controller.abort(new Error('far enough'));
      };
      return attempt({ config: long, signal: controller.signal, onStep });
    };
    try {
      const hasCheckpoint = () =>
        fs.existsSync(run.checkpoints) && fs.readdirSync(run.checkpoints).length > 1;
      while (!hasCheckpoint()) await setTimeout(10);
      const error = await attemptStep().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).problem).toMatch(
        new RegExp(`process ${first.pid} on ${hostname()} is writing in this folder\\.$`),
      );
      expect(first.exitCode).toBeNull();
    } finally {
      first.kill('SIGKILL');
      await ended;
    }
    await expect(attemptStep()).rejects.toThrow('far enough');
    expect(startedFrom()).toEqual([0, expect.any(Number)]);
    expect(startedFrom()![1]).toBeGreaterThan(0);
  });
});

describe('numbers that are not finite', () => {
  it('that the state comes to never reach a checkpoint, so that the last good one stays', async () => {
    class Breaking extends SoftmaxRegression {
      private updates = 0;
      override update(...args: Parameters<SoftmaxRegression['update']>): void {
        super.update(...args);
        if (++this.updates === 12)
          this.state()
            .get('codebook')!
            .assign(tf.fill([5], -Infinity));
      }
    }
    const model = new Breaking();
    await expect(attempt({ model })).rejects.toThrow(
      new UserError(
        'After step 12 state/codebook is not finite: it holds -Infinity.',
        'Lower learningRate or clipNorm, or warm up for longer.',
      ),
    );
    model.dispose();
    expect(fs.readdirSync(run.checkpoints)).toEqual([
      'step-000000001.safetensors',
      'step-000000006.safetensors',
    ]);
    const expected = await undisturbed();
    expect(await attempt()).toEqual(expected);
    expect(startedFrom()).toEqual([0, 6]);
  });

  it('are traced to the weight or state that they come from, wherever that is not saved', async () => {
    class Breaking extends SoftmaxRegression {
      private calls = 0;
      override loss(batch: tf.Tensor2D): LossResult {
        if (++this.calls === 8)
          this.weights()
            .get('softmax/bias')!
            .assign(tf.fill([5], NaN));
        return super.loss(batch);
      }
    }
    const model = new Breaking();
    await expect(attempt({ model })).rejects.toThrow(
      'At step 8 nll is NaN, penalty is NaN, loss is NaN, gradientNorm is NaN; not finite: weights/softmax/bias. Lower',
    );
    model.dispose();
  });

  it('of gradients are those of a weight, or of a norm too large for 32 bits', () => {
    const variables = new Map([['weights/a', tf.tensor1d([1])]]);
    const check = (gradients: Record<string, number[]>, measured: Record<string, number>) => () => {
      const tensors = Object.entries(gradients).map(([path, values]) => [path, tf.tensor1d(values)] as const);
      assertFiniteStep(measured, { variables, gradients: new Map(tensors) }, 3);
    };
    expect(check({ a: [1], b: [NaN, 1] }, { loss: 1, gradientNorm: NaN })).toThrow(
      'At step 3 gradientNorm is NaN; not finite: the gradient of b. ',
    );
    expect(check({ a: [1], b: [-1e30, 1] }, { loss: 1, gradientNorm: Infinity })).toThrow(
      /^At step 3 gradientNorm is Infinity; the largest gradient, that of b, has an element of size 1\.0+\d*e\+30\. /,
    );
    expect(check({ a: [1] }, { loss: 1, gradientNorm: 2 })).not.toThrow();
  });
});
