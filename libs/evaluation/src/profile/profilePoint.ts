import { randomExcerpts, type Dataset } from '@fermata/data';
import { fold, randomKey, type ProgressListener } from '@fermata/core';
import { assertInteger } from '@fermata/tensor';
import { train, type Run, type RunIdentity, type TrainingConfig } from '@fermata/training';

import { countSymbols, scoredSymbols, unigramEntropy, unigramNll } from '../codes/statistics';
import { evaluateNll, type Nll } from '../nll/evaluateNll';
import { splitPieces, type SequencePiece } from '../splitPieces';
import { Predictor } from './predictor';

/** Settings of one point of a predictability profile: plain JSON. */
export interface ProfilePointConfig {
  /** Context r, in timesteps of the sequence; 0 is the unigram model, which is counted and not trained. */
  readonly receptiveField: number;
  /** Largest r of the profile: all its points are trained and scored on the same positions. */
  readonly largestReceptiveField: number;
  /** Units of both hidden layers of the predictor. */
  readonly hidden: number;
  /**
   * Training of the predictor. The first `largestReceptiveField` timesteps of each crop only serve as context. Many
   * short crops at a high learning rate work best: 16 of `largestReceptiveField + 64` timesteps, 0.02.
   */
  readonly training: TrainingConfig;
  /** Largest number of timesteps of the test split to score; all by default. */
  readonly testTimesteps?: number;
}

/** Measured point of a profile: plain JSON. */
export interface ProfilePointResult {
  /** Context r, in timesteps of the sequence; 0 is the unigram model. */
  readonly receptiveField: number;
  /** NLL on the test split, in nats per timestep. */
  readonly nll: number;
  /** At r = 0: entropy of the symbol frequencies in the test split itself, in nats; never above `nll`. */
  readonly entropy?: number;
  /** Number of timesteps that the NLL averages. */
  readonly positions: number;
  readonly parameters: number;
  /** Number of positions predicted in training. */
  readonly timesteps: number;
  readonly seconds: number;
}

export interface ProfilePointOptions {
  /** Dataset: the waveform, or the codes of an autoencoder. */
  readonly dataset: Dataset;
  readonly config: ProfilePointConfig;
  /** Run with the identity of `profilePointIdentity`. */
  readonly run: Run;
  readonly onProgress?: ProgressListener;
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** Identity of a point's run: everything that its numbers depend on. */
export function profilePointIdentity(dataset: Dataset, config: ProfilePointConfig): RunIdentity {
  return {
    config: { kind: 'predictability profile', ...config },
    seed: config.training.seed,
    data: dataset.fingerprint,
  };
}

/**
 * Measures one point of figure 2: the NLL, on the test split, of a simple predictive model that sees the last r
 * symbols. Points are independent jobs; a completed run is not trained again.
 *
 * @throws RangeError if r exceeds the largest r, or if crops are not longer than the largest r
 * @throws UserError as `train` and `evaluateNll` do
 */
export async function profilePoint(options: ProfilePointOptions): Promise<ProfilePointResult> {
  const { dataset, config } = options;
  const { receptiveField, largestReceptiveField, training, testTimesteps } = config;
  assertInteger(receptiveField, 0, 'receptiveField');
  assertInteger(largestReceptiveField, receptiveField, 'largestReceptiveField');
  assertInteger(training.cropLength, largestReceptiveField + 1, 'cropLength');
  const pieces = splitPieces(dataset, 'test', testTimesteps);
  return receptiveField === 0 ? unigramPoint(options, pieces) : predictorPoint(options, pieces);
}

// "For RF = 0, we estimate the unigram entropy per timestep" (figure 2).
function unigramPoint(
  { dataset, config }: ProfilePointOptions,
  pieces: readonly SequencePiece[],
): ProfilePointResult {
  const started = performance.now();
  const { symbols } = dataset;
  const fitted = countSymbols(scoredSymbols(splitPieces(dataset, 'train')), symbols);
  const counts = countSymbols(scoredSymbols(pieces, { skip: config.largestReceptiveField }), symbols);
  return {
    receptiveField: 0,
    nll: unigramNll(fitted, counts),
    entropy: unigramEntropy(counts),
    positions: counts.reduce((sum, count) => sum + count, 0),
    parameters: 0,
    timesteps: 0,
    seconds: (performance.now() - started) / 1000,
  };
}

async function predictorPoint(
  { dataset, config, run, onProgress, onWarning, signal }: ProfilePointOptions,
  pieces: readonly SequencePiece[],
): Promise<ProfilePointResult> {
  const { receptiveField, largestReceptiveField, hidden, training } = config;
  const { symbols } = dataset;
  const key = fold(randomKey(training.seed), 'predictor');
  const model = new Predictor({ symbols, receptiveField, hidden }, key, largestReceptiveField);
  const watching = {
    ...(onProgress !== undefined && { onProgress }),
    ...(signal !== undefined && { signal }),
  };
  try {
    const { evaluation, wallSeconds } = await train({
      model,
      config: training,
      run,
      batch: (_step, batchKey) =>
        randomExcerpts(dataset, {
          split: 'train',
          length: training.cropLength,
          count: training.batchSize,
          key: batchKey,
        }),
      evaluate: async () => {
        const { nll, positions } = await evaluateNll(model, pieces, {
          skip: largestReceptiveField,
          ...watching,
        });
        return { nll, positions };
      },
      ...watching,
      ...(onWarning !== undefined && { onWarning }),
    });
    const { nll, positions } = evaluation as unknown as Pick<Nll, 'nll' | 'positions'>;
    return {
      receptiveField,
      nll,
      positions,
      parameters: model.parameterCount,
      timesteps: training.steps * training.batchSize * (training.cropLength - largestReceptiveField),
      seconds: wallSeconds,
    };
  } finally {
    model.dispose();
  }
}
