import { decodeMuLaw, writeWav } from '@fermata/audio';
import { fold, randomKey } from '@fermata/core';
import { generate } from '@fermata/models';
import { RunStore } from '@fermata/training';

import { audioRate } from '../rows';
import { systemNamed } from '../systems';
import type { JobArgument, JobKind } from './job';
import { loadLevel, loadRow, rowRun, type RowArgument } from './rowRun';
import { fingerprintOf, withDataset } from './dataset';

export interface GenerateArgument extends JobArgument {
  /** The id of the system. */
  readonly system: string;
}

/** Music generated from nothing. */
export interface GenerateOutcome {
  readonly seconds: number;
  /** Timesteps of audio drawn per second, with all levels, on one core. */
  readonly timestepsPerSecond: number;
  /** A WAV file in the run's folder. */
  readonly audio: string;
}

/** Draws codes from a system's prior and audio from the codes (section 4.4). */
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
      data: fingerprintOf(argument.audio),
    }),
  outcomeFile: () => 'generation.json',
  work: (argument, run, { onProgress, signal }) =>
    withDataset(argument.audio, async ({ symbols }) => {
      const seconds = argument.scale.generationSeconds;
      const model = loadRow(priorOf(argument));
      const prior = model.asPrior?.();
      if (prior === undefined) throw new RangeError(`row ${priorOf(argument).row} is not a prior`);
      const loaded = levelsOf(argument).map(loadLevel);
      const timesteps = Math.round(seconds * audioRate);
      const started = performance.now();
      const drawn = await generate({
        prior,
        levels: loaded.map(({ level }) => level),
        timesteps,
        key: fold(randomKey('generation'), argument.seed),
        onProgress,
        signal,
      });
      const elapsed = (performance.now() - started) / 1000;
      for (const one of [model, ...loaded.map((level) => level.model)]) one.dispose();
      writeWav(run.file('generated.wav'), decodeMuLaw(drawn.symbols, symbols), audioRate);
      return { seconds, timestepsPerSecond: timesteps / elapsed, audio: 'generated.wav' };
    }),
};

function priorOf({ system, ...argument }: GenerateArgument): RowArgument {
  return { ...argument, row: systemNamed(system).prior };
}

/** Levels of a system, level 1 first. */
function levelsOf({ system, ...argument }: GenerateArgument): RowArgument[] {
  return systemNamed(system).levels.map((row) => ({ ...argument, row }));
}
