import { fold, normals, randomKey, RandomStream, type RandomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import * as tf from '@tensorflow/tfjs';

import { CodebookMonitor } from './codebookMonitor';
import { codeUse } from './codeUse';
import { CodeWindow } from './codeWindow';
import { createQuantiser, type QuantiserConfig } from './createQuantiser';

interface Watched {
  readonly warnings: { step: number; message: string }[];
  readonly perplexities: number[];
  /** Of each batch by itself. */
  readonly batchPerplexities: number[];
}

// A monitor's view of steps of which each gives its metrics.
function watch(
  { symbols, positions, steps }: { symbols: number; positions: number; steps: number },
  metricsOf: (step: number) => Record<string, number>,
): Watched {
  const warnings: Watched['warnings'] = [];
  const perplexities: number[] = [];
  const batchPerplexities: number[] = [];
  let current = 0;
  const monitor = new CodebookMonitor({
    symbols,
    positions,
    onWarning: (message) => warnings.push({ step: current, message }),
  });
  for (; current < steps; current++) {
    const metrics = metricsOf(current);
    perplexities.push(metrics.perplexity);
    batchPerplexities.push(metrics.batchPerplexity);
    monitor.observe({ step: current + 1, metrics });
  }
  return { warnings, perplexities, batchPerplexities };
}

// The first step at which the perplexity is below half of the highest so far.
function halved(perplexities: readonly number[]): number {
  let highest = 0;
  return perplexities.findIndex((perplexity) => {
    highest = Math.max(highest, perplexity);
    return perplexity < highest / 2;
  });
}

const metricsOf = (values: Record<string, tf.Scalar>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.dataSync()[0]]));

const observe = (values: readonly number[]): Watched =>
  watch({ symbols: 256, positions: 8192, steps: values.length }, (step) => ({
    perplexity: values[step],
    deadCodes: 12,
  }));

describe('CodebookMonitor', () => {
  it('says once, with numbers and remedies, that perplexity falls', () => {
    const { warnings } = observe([100, 220, 200, 180, 160, 120, 60, 30, 30, 31]);
    expect(warnings).toEqual([
      {
        step: 4,
        message:
          'At step 5 the perplexity of the codes is 160.0, down from 220.0 at step 2, and 12 of 256 codes are dead: ' +
          'the codebook may be collapsing. Against it: random restarts (restartBelow), population based training of ' +
          'alpha and beta, or an AMAE instead of a VQ-VAE; for an AMAE a larger nu.',
      },
    ]);
  });

  it('says it again of another fall, after a rise', () => {
    const { warnings } = observe([200, 149, 100, 110, 105, 130, 140, 120, 106, 104]);
    expect(warnings.map(({ step }) => step)).toEqual([1, 9]);
  });

  it('says once that the perplexities of batches fall and then that of the window, which lags', () => {
    const { warnings } = watch({ symbols: 256, positions: 8192, steps: 60 }, (step) => ({
      perplexity: step < 30 ? 200 : 100,
      batchPerplexity: step < 20 ? 90 + (step % 3) : 9,
      deadCodes: 12,
    }));
    expect(warnings).toHaveLength(1);
    expect(warnings[0].step).toBe(21);
    expect(warnings[0].message).toMatch(
      /^At step 22 the perplexity of the codes of a batch is 9\.\d, down from 91\.\d at step \d+, and 12 of 256/,
    );
  });

  // Perplexities of batches about 40, their logarithms with a noise of such a deviation.
  const noisy = (deviation: number, count: number, name: string): number[] =>
    [...normals(randomKey(name), count)].map((noise) => 40 * Math.exp(deviation * noise));

  it.each([0.02, 0.1, 0.3, 0.5])(
    'says nothing of batches with a noise of %d and now and then a silent one, once the noise is known',
    (deviation) => {
      const values = noisy(deviation, 3000, 'noise');
      const { warnings } = watch({ symbols: 256, positions: 8192, steps: values.length }, (step) => ({
        perplexity: 200,
        batchPerplexity: step % 100 === 99 ? 4 : values[step],
        deadCodes: 0,
      }));
      expect(warnings.filter(({ step }) => step > 16)).toEqual([]);
    },
  );

  it('knows from earlier sessions how noisy batches are, though means of several steps were logged', () => {
    const observationOf = (step: number, batchPerplexity: number) => ({
      step,
      metrics: { perplexity: 200, batchPerplexity, deadCodes: 0 },
    });
    const warnings: string[] = [];
    for (let session = 0; session < 20; session++) {
      const monitor = new CodebookMonitor({
        symbols: 256,
        positions: 8192,
        history: noisy(0.5 / 10, 30, 'logged').map((value, line) => observationOf(100 * (line + 1), value)),
        onWarning: (message) => warnings.push(message),
      });
      noisy(0.5, 30, `session ${session}`).forEach((value, index) => {
        monitor.observe(observationOf(3001 + index, value));
      });
    }
    expect(warnings).toEqual([]);
  });

  it('remembers what earlier sessions saw, and does not say it again', () => {
    const observations = [200, 220, 160, 100, 90].map((perplexity, index) => ({
      step: index + 1,
      metrics: { perplexity, deadCodes: 0 },
    }));
    const cases = [[2, 1], [3, 0], [4, 0]] as const; // prettier-ignore
    for (const [sessions, expected] of cases) {
      const warnings: string[] = [];
      const monitor = new CodebookMonitor({
        symbols: 256,
        positions: 8192,
        history: observations.slice(0, sessions),
        onWarning: (message) => warnings.push(message),
      });
      for (const observation of observations.slice(sessions)) monitor.observe(observation);
      expect(warnings).toHaveLength(expected);
    }
  });

  it('hears once of steps that are made again from a checkpoint before what was logged', () => {
    const observationOf = (step: number) => ({
      step,
      metrics: { perplexity: 200, batchPerplexity: (step < 200 ? 90 : 9) + (step % 3), deadCodes: 0 },
    });
    const warnings: string[] = [];
    const monitor = new CodebookMonitor({
      symbols: 256,
      positions: 8192,
      history: Array.from({ length: 20 }, (_, line) => observationOf(8 * (line + 1))),
      onWarning: (message) => warnings.push(message),
    });
    for (let step = 81; step < 220; step++) monitor.observe(observationOf(step));
    expect(warnings).toEqual([expect.stringMatching(/^At step 201 .* down from 9\d\.\d at step/)]);
  });

  it('says nothing of a model without codes', () => {
    const { warnings } = watch({ symbols: 256, positions: 8192, steps: 3 }, (step) => ({ nll: 5 - step }));
    expect(warnings).toEqual([]);
  });

  it('compares nothing before there were four codes for each of the codebook', () => {
    const steps = 25;
    const cases = [[32, []], [128, [20]], [1024, [4, 20]]] as const; // prettier-ignore
    for (const [positions, expected] of cases) {
      const { warnings } = watch({ symbols: 256, positions, steps }, (step) => ({
        perplexity: step < 4 ? 64 : step > 14 && step < 20 ? 60 : 30,
        deadCodes: 0,
      }));
      expect(warnings.map(({ step }) => step)).toEqual(expected);
    }
  });
});

describe('CodebookMonitor over a window of drawn codes', () => {
  beforeAll(() => selectBackend('cpu'));

  // Batches of codes drawn alike from as many of the 256 as there are at a step, the first of which may move.
  function drawn(
    batch: number,
    steps: number,
    inUse: (step: number) => number,
    first: (step: number) => number = () => 0,
  ): Watched {
    const stream = new RandomStream(randomKey('drawn'));
    const window = new CodeWindow(256);
    return watch({ symbols: 256, positions: batch, steps }, (step) =>
      tf.tidy(() => {
        const counts = new Float32Array(256);
        for (let position = 0; position < batch; position++) {
          counts[(first(step) + stream.integer(inUse(step))) % 256]++;
        }
        const tensor = tf.tensor1d(counts);
        const metrics = metricsOf({ ...codeUse(tensor), ...window.metrics(tensor) });
        window.update(tensor);
        return metrics;
      }),
    );
  }

  it.each([
    ['sudden', 150, (step: number) => (step < 150 ? 256 : 8)],
    ['gradual', 100, (step: number) => Math.max(8, 256 - Math.max(0, step - 100))],
    ['early', 4, (step: number) => (step < 4 ? 256 : 8)],
  ])('warns before the perplexity has halved in a collapse that is %s', (_, begin, inUse) => {
    const { warnings, perplexities } = drawn(512, 400, inUse);
    expect(warnings).toHaveLength(1);
    expect(halved(perplexities)).toBeGreaterThan(warnings[0].step);
    expect(warnings[0].step).toBeGreaterThanOrEqual(begin);
    expect(perplexities[warnings[0].step]).toBeGreaterThan(0.6 * Math.max(...perplexities));
  });

  it.each([
    ['an eighth of the codes', 64, 8, () => 0],
    ['few codes, and always others', 256, 16, (step: number) => 16 * step],
  ])('warns with the second batch that has suddenly %s', (_, before, after, first) => {
    const inUse = (step: number) => (step < 150 ? before : after);
    const { warnings, perplexities, batchPerplexities } = drawn(1024, 200, inUse, first);
    expect(warnings.map(({ step }) => step)).toEqual([151]);
    expect(batchPerplexities[149]).toBeGreaterThan(7 * batchPerplexities[150]);
    // Which the window does not show yet, or never.
    expect(perplexities[151]).toBeGreaterThan(0.75 * Math.max(...perplexities));
  });

  it.each([1, 16, 128])('says nothing of the noise of batches of %d codes', (batch) => {
    expect(drawn(batch, 600, () => 256).warnings).toEqual([]);
  });
});

// An autoencoder in small: x of 2 numbers → affine encoder → quantiser → affine decoder. Its quantiser is given metrics
// and updates as in training.
function train(config: QuantiserConfig, learningRate: number, key: RandomKey): Watched {
  const quantiser = createQuantiser(config, fold(key, 'quantiser'));
  const { queryDepth, depth, symbols } = quantiser;
  const normal = (name: string, shape: [number, number]): tf.Tensor2D =>
    tf.tensor2d(normals(fold(key, name), shape[0] * shape[1]), shape);
  const encoder = tf.variable(normal('encoder', [2, queryDepth]));
  const bias = tf.variable(tf.zeros([queryDepth]));
  const decoder = tf.variable(normal('decoder', [depth, 2]));
  const batchOf = (step: number): tf.Tensor2D => normal(`batch ${step}`, [256, 2]);
  const encode = (x: tf.Tensor2D): tf.Tensor3D => tf.expandDims(tf.add(tf.matMul(x, encoder), bias), 0);
  const optimiser = tf.train.adam(learningRate);
  tf.tidy(() => {
    quantiser.initialise(encode(batchOf(-1)), key);
  });
  const watched = watch({ symbols, positions: 256, steps: 60 }, (step) =>
    tf.tidy(() => {
      const x = batchOf(step);
      let kept: ReturnType<typeof quantiser.quantise> | undefined;
      optimiser.minimize(
        () => {
          const result = quantiser.quantise(encode(x));
          kept = result;
          Object.values({ ...result.metrics, ...result.statistics }).forEach(tf.keep);
          const reconstruction = tf.matMul(tf.squeeze<tf.Tensor2D>(result.quantised, [0]), decoder);
          const error = tf.mean<tf.Scalar>(tf.square(tf.sub(reconstruction, x)));
          return Object.values(result.losses).reduce((sum, term) => tf.add(sum, term), error);
        },
        false,
        [encoder, bias, decoder, ...quantiser.weights().values()],
      );
      const { metrics, statistics } = kept!;
      quantiser.update(statistics, fold(fold(key, 'update'), step));
      const numbers = metricsOf(metrics);
      tf.dispose([metrics, statistics]);
      return numbers;
    }),
  );
  optimiser.dispose();
  quantiser.dispose();
  tf.dispose([encoder, bias, decoder]);
  return watched;
}

// Queries that move away from the codebook at a speed, as those of an encoder do that learns too fast for it.
function outrun(config: QuantiserConfig, speed: number, key: RandomKey): Watched {
  const quantiser = createQuantiser(config, fold(key, 'quantiser'));
  const queriesOf = (step: number): tf.Tensor3D =>
    tf.tidy(() => {
      const still = tf.tensor3d(normals(fold(fold(key, 'queries'), step), 256 * 2), [1, 256, 2]);
      return tf.add(still, tf.tensor1d([speed * Math.max(0, step - 40), 0]));
    });
  tf.tidy(() => {
    quantiser.initialise(queriesOf(0), key);
  });
  const watched = watch({ symbols: quantiser.symbols, positions: 256, steps: 160 }, (step) =>
    tf.tidy(() => {
      const { metrics, statistics } = quantiser.quantise(queriesOf(step));
      quantiser.update(statistics, fold(fold(key, 'update'), step));
      return metricsOf(metrics);
    }),
  );
  quantiser.dispose();
  return watched;
}

describe('CodebookMonitor of a training', () => {
  beforeAll(() => selectBackend('wasm'));
  const vq = { kind: 'vq', codes: 32, depth: 2, alpha: 0.95, beta: 0.25 } as const;

  it.each([0.05, 0.4])(
    'warns before the perplexity of a codebook outrun at a speed of %d has halved',
    (speed) => {
      const { warnings, perplexities, batchPerplexities } = outrun(vq, speed, randomKey('outrun'));
      expect(perplexities[159]).toBeLessThan(6);
      expect(warnings).toHaveLength(1);
      expect(warnings[0].step).toBeGreaterThan(40);
      expect(halved(perplexities)).toBeGreaterThan(warnings[0].step);
      // The first batch of its own may be below half as soon, not sooner.
      expect(halved(batchPerplexities)).toBeGreaterThanOrEqual(warnings[0].step);
    },
  );

  it('names a remedy that works: random restarts', () => {
    const [without, restarted] = [vq, { ...vq, restartBelow: 1 }].map(
      (config) => outrun(config, 0.1, randomKey('outrun')).perplexities[159],
    );
    expect(without).toBeLessThan(3);
    expect(restarted).toBeGreaterThan(14);
  });

  it.each<[string, QuantiserConfig, number]>([
    ['a VQ-VAE', vq, 0.003],
    ['a VQ-VAE with its codebook learnt by gradient', { kind: 'vq', codes: 32, depth: 2, beta: 0.25, codebook: 'gradient' }, 0.003], // prettier-ignore
    ['an AMAE', { kind: 'argmax', codes: 32, diversity: { kind: 'squared-sum', nu: 0.01 } }, 0.01],
    ['an FSQ', { kind: 'fsq', levels: [6, 6] }, 0.01],
  ])('says nothing of %s that learns well', (_, config, learningRate) => {
    expect(train(config, learningRate, randomKey(1)).warnings).toEqual([]);
  });
});
