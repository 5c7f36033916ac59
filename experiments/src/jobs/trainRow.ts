import { randomExcerpts, type TimedDataset } from '@fermata/data';
import { DiscreteAutoencoder, encodeSequence } from '@fermata/autoencoder';
import { fingerprint, fold, randomKey, type ProgressListener } from '@fermata/core';
import {
  codeStatistics,
  evaluateNll,
  meanPerplexity,
  shuffleCodes,
  splitPieces,
  withShuffledPast,
  type SequencePiece,
} from '@fermata/evaluation';
import { CodebookMonitor } from '@fermata/quantisers';
import { train, type JobContext, type Run, type TrainingConfig } from '@fermata/training';

import { asSequenceModel, reachOf, receptiveFieldOf, type Model } from '../model';
import { tableOf } from '../rows';
import type { Scale } from '../scales';
import { withDataset, type JobKind } from './job';
import { configOf, freshModel, rowRun, trainingConfig, type RowArgument } from './rowRun';

/** What is measured of a trained row: the columns of its table. NLLs are in nats per timestep. */
export interface RowOutcome {
  readonly row: string;
  readonly run: string;
  /** Over as much of the training split as of the held-out one. */
  readonly trainNll: number;
  /** Over the held-out split, as much of it as the scale scores. */
  readonly evalNll: number;
  /** How many timesteps evalNll is the mean of. */
  readonly positions: number;
  readonly parameters: number;
  /** r, in timesteps of the sequence modelled. */
  readonly receptiveField: number;
  readonly timesteps: number;
  readonly seconds: number;
  /** Of an autoencoder: with what its decoder sees of the past in random order, how much it needs it. */
  readonly shuffledPastNll?: number;
  /** Of an autoencoder that has codes. */
  readonly codes?: CodesOutcome;
}

export interface CodesOutcome {
  /** Of the codes of the whole held-out split, as are the three that follow. */
  readonly perplexity: number;
  /** Of the codes of each second by itself, on average: the † of Table 1. Null where no piece lasts a second. */
  readonly oneSecondPerplexity: number | null;
  readonly codesInUse: number;
  /** How often each code occurs. */
  readonly histogram: readonly number[];
  /** The NLL, over what is scored, with the codes of each excerpt in random order: how much the decoder listens to them. */
  readonly shuffledNll: number;
}

/** Trains a row's model and measures it on the test split. */
export const trainRow: JobKind<RowArgument, RowOutcome> = {
  run: rowRun,
  // A table that gains a row of a larger receptive field scores other positions: the model need not be trained again.
  outcomeFile: (argument) => {
    const { scoredMinutes } = argument.scale;
    const { heldOut = 'test' } = argument;
    return `measured-${fingerprint({ version: 2, ...scoringOf(argument), scoredMinutes, heldOut })}.json`;
  },
  work: (argument, run, context) =>
    withDataset(argument.dataset, async (dataset) => {
      const { model: design, budget } = configOf(argument);
      const config = trainingConfig(budget, argument.seed);
      const model = freshModel(argument);
      const multipleOf = asSequenceModel(model).hop;
      const monitor = codebookMonitor(model, run, config, context);
      const result = await train({
        model,
        config,
        run,
        batch: (_step, key) =>
          randomExcerpts(dataset, {
            split: 'train',
            length: config.cropLength,
            count: config.batchSize,
            multipleOf,
            key,
          }),
        onStep: (step, metrics) => monitor?.observe({ step, metrics }),
        ...context,
      });
      return {
        row: argument.row,
        run: run.id,
        ...(await measure(model, dataset, argument, context)),
        parameters: model.parameterCount,
        receptiveField: receptiveFieldOf(design),
        timesteps: result.timesteps,
        seconds: result.wallSeconds,
      };
    }),
};

/** Which positions a training is scored on: those of its table, but for the first, where its settings make it see further. */
export function scoringOf(argument: Omit<RowArgument, 'seed' | 'dataset'>): {
  skip: number;
  multipleOf: number;
} {
  const { skip, multipleOf } = scoring(argument.row, argument.scale);
  return { skip: Math.max(skip, reachOf(configOf(argument).model).past), multipleOf };
}

/** Which positions are scored: the same for every row of a table. */
export function scoring(rowId: string, scale: Scale): { skip: number; multipleOf: number } {
  const reaches = tableOf(rowId).map((row) => reachOf(row.model(scale)));
  return {
    skip: Math.max(...reaches.map(({ past }) => past)),
    multipleOf: Math.max(...reaches.map(({ hop }) => hop)),
  };
}

/** A monitor of the codebook that has read the metrics of earlier sessions; none for a model without a codebook. */
function codebookMonitor(
  model: Model,
  run: Run,
  { batchSize, cropLength }: TrainingConfig,
  { onWarning }: JobContext,
): CodebookMonitor | undefined {
  if (!(model instanceof DiscreteAutoencoder)) return undefined;
  const history = run.metrics().filter(({ kind }) => kind === 'train');
  const positions = (batchSize * cropLength) / model.hop;
  return new CodebookMonitor({ symbols: model.codes, positions, history, onWarning });
}

async function measure(
  model: Model,
  dataset: TimedDataset,
  argument: RowArgument,
  { onProgress, signal }: JobContext,
): Promise<Pick<RowOutcome, 'trainNll' | 'evalNll' | 'positions' | 'shuffledPastNll' | 'codes'>> {
  const { row: rowId, scale, heldOut = 'test' } = argument;
  const options = { ...scoringOf(argument), onProgress, signal };
  const sequenceModel = asSequenceModel(model);
  const held = splitPieces(dataset, heldOut, scale.scoredMinutes * 60 * dataset.rate);
  const train = splitPieces(dataset, 'train', scale.scoredMinutes * 60 * dataset.rate);
  const { nll: trainNll } = await evaluateNll(sequenceModel, train, { ...options, stage: 'score train' });
  const { nll: evalNll, positions } = await evaluateNll(sequenceModel, held, {
    ...options,
    stage: `score ${heldOut}`,
  });
  if (!(model instanceof DiscreteAutoencoder)) return { trainNll, evalNll, positions };
  const { nll: shuffledPastNll } = await evaluateNll(withShuffledPast(model), held, {
    ...options,
    stage: 'score shuffled past',
  });
  if (!model.quantiser.isDiscrete) return { trainNll, evalNll, positions, shuffledPastNll };

  const whole = await encodePieces(model, splitPieces(dataset, heldOut), 'count codes', {
    onProgress,
    signal,
  });
  const sequences = [...whole.values()];
  const { perplexity, codesInUse, histogram } = codeStatistics(sequences, model.codes);
  const second = Math.floor(dataset.rate / model.hop);
  const codes = await encodePieces(model, held, `encode ${heldOut}`, { onProgress, signal });
  const shuffled = await evaluateNll(sequenceModel, held, {
    ...options,
    stage: 'score shuffled',
    codes: shuffleCodes(codes, fold(randomKey('shuffled codes'), rowId)),
  });
  return {
    trainNll,
    evalNll,
    positions,
    shuffledPastNll,
    codes: {
      perplexity,
      oneSecondPerplexity: sequences.some(({ length }) => length >= second)
        ? meanPerplexity(sequences, model.codes, second)
        : null,
      codesInUse,
      histogram,
      shuffledNll: shuffled.nll,
    },
  };
}

async function encodePieces(
  model: DiscreteAutoencoder,
  pieces: readonly SequencePiece[],
  stage: string,
  { onProgress, signal }: { onProgress: ProgressListener; signal: AbortSignal },
): Promise<Map<string, Int32Array>> {
  const codes = new Map<string, Int32Array>();
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  let before = 0;
  for (const piece of pieces) {
    const symbols = Int32Array.from(piece.read(0, piece.length));
    const onPart: ProgressListener = ({ done }) => {
      onProgress({ stage, done: before + done, total });
    };
    codes.set(piece.id, await encodeSequence(model, symbols, { onProgress: onPart, signal }));
    before += piece.length;
  }
  return codes;
}
