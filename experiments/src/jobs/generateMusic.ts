import { decodeMuLaw, writeWav } from '@fermata/audio';
import { autoencoderLevel, DiscreteAutoencoder, generate, waveNetPrior } from '@fermata/autoencoder';
import { fold, randomKey } from '@fermata/core';
import { RunStore } from '@fermata/training';
import { WaveNet } from '@fermata/wavenet';

import { row as twoLevels } from '../table-3/row-3.4';
import { withDataset, type JobArgument, type JobKind } from './job';
import { fingerprintOf, loadRow, rowRun, type RowArgument } from './rowRun';

export interface GenerateArgument extends JobArgument {
  /** The folder of the codes that the prior was trained on; `dataset` is the audio. */
  readonly codes: string;
}

/** Music from nothing. */
export interface GenerateOutcome {
  readonly seconds: number;
  /** Timesteps drawn by the local model per second, all of it on one core. */
  readonly timestepsPerSecond: number;
  /** A WAV file in the run's folder. */
  readonly audio: string;
}

/** Draws codes from the prior and audio from the codes: row #3.4 of Table 3. */
export const generateMusic: JobKind<GenerateArgument, GenerateOutcome> = {
  run: (argument) =>
    new RunStore().run({
      config: {
        job: 'generate',
        prior: rowRun(priorOf(argument)).id,
        levels: levelsOf(argument).map((level) => rowRun(level).id),
        seconds: argument.scale.generationSeconds,
      },
      seed: argument.seed,
      data: fingerprintOf(argument.dataset),
    }),
  outcomeFile: () => 'generation.json',
  work: (argument, run, { onProgress, signal }) =>
    withDataset(argument.dataset, async ({ rate, symbols }) => {
      const seconds = argument.scale.generationSeconds;
      const prior = loadRow(priorOf(argument));
      if (!(prior instanceof WaveNet)) throw new RangeError('the prior is not a WaveNet');
      const levels = levelsOf(argument).map((level) => {
        const model = loadRow(level);
        if (!(model instanceof DiscreteAutoencoder)) throw new RangeError(`row ${level.row} is no level`);
        return autoencoderLevel(model);
      });
      const timesteps = Math.round(seconds * rate);
      const started = performance.now();
      const drawn = await generate({
        prior: waveNetPrior(prior),
        levels,
        timesteps,
        key: fold(randomKey('generation'), argument.seed),
        onProgress,
        signal,
      });
      const elapsed = (performance.now() - started) / 1000;
      writeWav(run.file('generated.wav'), decodeMuLaw(drawn.symbols, symbols), rate);
      return { seconds, timestepsPerSecond: timesteps / elapsed, audio: 'generated.wav' };
    }),
};

function priorOf({ scale, seed, codes }: GenerateArgument): RowArgument {
  return { scale, seed, dataset: codes, row: twoLevels.prior };
}

/** Level 1 first. */
function levelsOf({ scale, seed, dataset }: GenerateArgument): RowArgument[] {
  return twoLevels.levels.map((row) => ({ scale, seed, dataset, row }));
}
