import { fold, parseSettings, RandomStream, randomKey, type RandomKey } from '@fermata/core';
import {
  generate,
  generateChunks,
  joinChunks,
  sizeOfCost,
  type Model,
  type ModelKind,
  type ModelLoss,
  type Prior,
} from '@fermata/models';
import { Module, selectBackend } from '@fermata/tensor';
import { expectClose } from '@fermata/testing';
import { loadWeightsFile, RunStore, train, writeWeightsFile } from '@fermata/training';
import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

import { planRow } from '../plan';
import { audio, codesOf, modelOf, rowConfig, rowNamed, trainingConfig, withRows, type Row } from '../rows';
import { minimal } from '../testing/minimal';
import { createModel, describeModel, parseModel, withModelKind, type ModelConfig } from '.';

const unigramSettings = z.strictObject({
  symbols: z.int().min(2).describe('size of the alphabet'),
  deviation: z.number().min(0).describe('largest of the first logits').default(0.1),
});
type UnigramConfig = Readonly<z.output<typeof unigramSettings>>;

/** A model without any input: one distribution for every symbol. */
class Unigram extends Module implements Model {
  readonly hop = 1;
  readonly codebookSize = null;
  readonly context = { past: 0, future: 0 };
  readonly symbols: number;
  private readonly logits: tf.Variable<tf.Rank.R1>;

  constructor(settings: UnigramConfig, key: RandomKey) {
    super();
    const { symbols, deviation } = parseSettings(unigramSettings, settings, 'unigram');
    this.symbols = symbols;
    const stream = new RandomStream(key);
    const values = Float32Array.from({ length: symbols }, () => deviation * (2 * stream.uniform() - 1));
    this.logits = this.weight('logits', tf.tensor1d(values));
  }

  nll(symbols: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const logProbabilities = tf.logSoftmax(this.logits);
      const drawn = tf.oneHot(symbols, this.symbols);
      return tf.neg(tf.sum<tf.Tensor2D>(tf.mul(drawn, logProbabilities), 2));
    });
  }

  loss(batch: tf.Tensor2D): ModelLoss {
    return tf.tidy(() => {
      const loss = tf.mean<tf.Scalar>(this.nll(batch));
      return { loss, metrics: { nll: tf.clone(loss) } };
    });
  }

  asPrior(): Prior {
    const probabilities = tf.tidy(() => tf.softmax(this.logits).dataSync());
    const draw = (key: RandomKey, position: number) => {
      let left = new RandomStream(fold(key, position)).uniform();
      const symbol = probabilities.findIndex((probability) => (left -= probability) < 0);
      return symbol < 0 ? this.symbols - 1 : symbol;
    };
    return {
      symbols: this.symbols,
      // eslint-disable-next-line @typescript-eslint/require-await -- there is nothing to wait for
      async *draw(length, { keys, prefix, chunk = 4096 }) {
        const start = prefix?.[0].length ?? 0;
        for (let first = start; first < start + length; first += chunk) {
          const count = Math.min(chunk, start + length - first);
          yield keys.map((key) => Int32Array.from({ length: count }, (_, i) => draw(key, first + i)));
        }
      },
    };
  }
}

const unigramKind: ModelKind<UnigramConfig> = {
  name: 'unigram',
  settings: unigramSettings,
  fixed: ['symbols'],
  create: (config, key) => new Unigram(config, key),
  describe: ({ symbols }) => ({
    ...sizeOfCost({ parameters: symbols, multiplyAdds: 0, searched: 0 }),
    symbols,
    hop: 1,
    codebookSize: null,
    isPrior: true,
    isLevel: false,
    context: { past: 0, future: 0 },
    receptiveField: 0,
    encoderReceptiveField: null,
    values: { saved: 0, passed: 1, largest: 1 },
  }),
};

// The program and its types do not know this kind.
const unigram = (symbols: number) => ({ kind: 'unigram', config: { symbols } }) as unknown as ModelConfig;
const configOf = (model: ModelConfig) => model.config as unknown as UnigramConfig;

const row: Row = {
  id: '9.1',
  title: 'unigram',
  sequence: audio(2),
  model: (_scale, symbols) => unigram(symbols),
};
const ofCodes: Row = { ...row, id: '9.2', sequence: codesOf('1.2') };
const toys = { number: '9', title: 'toys', rows: [row, ofCodes] };
const withUnigrams = (use: () => void | Promise<void>) =>
  withModelKind(unigramKind, () => withRows(toys, use));

const key = randomKey('kinds');
const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
beforeAll(() => selectBackend('wasm'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

// Three of four are symbol 2, and one is symbol 0; others do not occur.
const symbols = Int32Array.from({ length: 64 }, (_, t) => (t % 4 === 0 ? 0 : 2));
const nllOf = (model: Model) =>
  tf.tidy(() => [...model.nll(tf.tensor2d(symbols, [2, 32], 'int32')).dataSync()]);

describe('a kind of model added to the program', () => {
  it('has its defaults filled in, and its rules checked', () =>
    withUnigrams(() => {
      expect(configOf(parseModel(unigram(4), 'toy'))).toEqual({ symbols: 4, deviation: 0.1 });
      expect(() => parseModel(unigram(1), 'toy')).toThrow(
        'toy: symbols is 1. It must be a whole number from 2.',
      );
    }));

  it('has rows, whose settings may be changed', () =>
    withUnigrams(() => {
      expect(configOf(modelOf(row, minimal)).symbols).toBe(4);
      expect(configOf(modelOf(ofCodes, minimal)).symbols).toBe(256);
      const { model } = rowConfig(row, minimal, { deviation: 0.5 });
      expect(configOf(model)).toEqual({ symbols: 4, deviation: 0.5 });
      expect(() => rowConfig(row, minimal, { symbols: 8 })).toThrow('model.symbols cannot be changed');
      expect(() => rowConfig(row, minimal, { deviatoin: 1 })).toThrow('Did you mean deviation?');
    }));

  it('is planned', () =>
    withUnigrams(() => {
      expect(planRow(row, minimal)).toMatchObject({
        id: '9.1',
        parameters: 4,
        flops: 0,
        receptiveField: 0,
        paperReceptiveField: null,
        encoderReceptiveField: null,
        steps: 16,
        timesteps: 8192,
        // Weights, gradients, moments and average; symbols and NLLs with their gradients.
        memory: { weights: 4 * 5 * 4, saved: 0, activations: 4 * 512 * 3 },
      });
      expect(planRow(ofCodes, minimal)).toMatchObject({ parameters: 256, timesteps: 1024 });
    }));

  it('is trained, written, loaded, and draws its learnt distribution', () =>
    withUnigrams(async () => {
      const config = modelOf(row, minimal);
      const model = createModel(config, key);
      expect(model.parameterCount).toBe(describeModel(config).parameters);
      const before = nllOf(model);
      const budget = { timesteps: 60 * 64, batchSize: 2, cropLength: 32, learningRate: 0.3, warmUpSteps: 0 };
      await train({
        model,
        config: trainingConfig(budget, 1, { polyakDecay: 0 }),
        run: new RunStore(join(folder, 'runs')).run({ config: { config }, seed: 1, data: 'toy' }),
        batch: () => symbols,
      });
      const after = nllOf(model);
      const mean = (values: readonly number[]) =>
        values.reduce((sum, value) => sum + value, 0) / values.length;
      // The entropy of a quarter and three quarters is 0.562.
      const entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75);
      expect(mean(before)).toBeGreaterThan(1);
      expect(mean(after)).toBeGreaterThanOrEqual(entropy - 1e-6);
      expect(mean(after)).toBeLessThan(entropy + 0.05);

      const path = join(folder, 'unigram.safetensors');
      await writeWeightsFile(path, model, 'float32', {});
      const other = createModel(config, randomKey('another'));
      expect(nllOf(other)).not.toEqual(after);
      loadWeightsFile(path, other);
      expect(nllOf(other)).toEqual(after);

      const { symbols: drawn, codes } = await generate({
        prior: other.asPrior!(),
        levels: [],
        timesteps: 4000,
        key,
      });
      expect([drawn.length, codes]).toEqual([4000, []]);
      const share = (symbol: number) => drawn.filter((one) => one === symbol).length / drawn.length;
      // Four standard deviations of a share of 4,000 draws.
      expectClose([share(0), share(2)], [Math.exp(-after[0]), Math.exp(-after[1])], 0.03);
      model.dispose();
      other.dispose();
    }));

  it('is the prior of a level of another kind, and continues a generation', () =>
    withUnigrams(async () => {
      const prior = createModel(modelOf(ofCodes, minimal), key);
      const level = createModel(modelOf(rowNamed('1.2'), minimal), key);
      const options = { prior: prior.asPrior!(), levels: [level.asLevel!()] };
      const { symbols: drawn, codes } = await generate({ ...options, timesteps: 64, key });
      expect([drawn.length, codes[0].length]).toEqual([64, 8]);
      const resume = { symbols: [drawn.slice(0, 20)], codes: [[codes[0].slice(0, 3)]] };
      const [rest] = await joinChunks(generateChunks({ ...options, timesteps: 44, keys: [key], resume }), 1);
      expect(rest).toEqual(drawn.slice(20));
      prior.dispose();
      level.dispose();
    }));

  it('is unknown before and afterwards', async () => {
    await withUnigrams(() => undefined);
    expect(() => createModel(unigram(4), key)).toThrow(
      'model: kind is "unigram". It must be one of "wavenet", "autoencoder".',
    );
  });
});
