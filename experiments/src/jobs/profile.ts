import {
  profilePoint,
  profilePointIdentity,
  type ProfilePointConfig,
  type ProfilePointResult,
} from '@fermata/evaluation';
import { openDataset, timed } from '@fermata/data';
import { RunStore } from '@fermata/training';

import { trainingConfig, type Sequence } from '../rows';
import type { JobArgument, JobKind } from './job';
import { withDataset } from './dataset';
import { sequenceFolder } from './rowRun';

export interface ProfileArgument extends JobArgument {
  readonly sequence: Sequence;
  /** r, in timesteps; 0 stands for the unigram model. */
  readonly receptiveField: number;
}

/** One point of Figure 2 on a sequence of audio or codes. */
export const profile: JobKind<ProfileArgument, ProfilePointResult> = {
  run: (argument) => {
    const dataset = timed(openDataset(sequenceFolder(argument.sequence, argument)));
    try {
      return new RunStore().run(profilePointIdentity(dataset, configOf(argument, dataset.rate)));
    } finally {
      dataset.close();
    }
  },
  outcomeFile: () => 'profile-point.json',
  work: (argument, run, context) =>
    withDataset(sequenceFolder(argument.sequence, argument), (dataset) =>
      profilePoint({ dataset, config: configOf(argument, dataset.rate), run, ...context }),
    ),
};

function configOf({ scale, seed, receptiveField }: ProfileArgument, rate: number): ProfilePointConfig {
  const { profile: size, scoredMinutes } = scale;
  const training = trainingConfig(size.budget, seed);
  return {
    receptiveField,
    largestReceptiveField: Math.max(...size.receptiveFields),
    hidden: size.hidden,
    // A table of r · symbols rows makes large checkpoints, and a point is quick to train again.
    training: { ...training, checkpointEvery: training.steps },
    testTimesteps: scoredMinutes * 60 * rate,
  };
}
