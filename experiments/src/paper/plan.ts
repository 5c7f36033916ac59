import type { Run } from '@fermata/training';

import { encodeDataset, codesFolder } from '../jobs/encodeDataset';
import type { RowArgument } from '../jobs/rowRun';
import type { PlannedJob } from '../jobs/runPlanned';
import type { Scale } from '../scales';
import { table1 } from '../table-1';
import { row as twoLevels } from '../table-3/row-3.4';

/** The sequences whose predictability is compared in Figure 2. */
export const profileSequences = ['waveform', 'codes'] as const;
export type ProfileSequence = (typeof profileSequences)[number];

/** What a report is about. */
export interface PaperPlan {
  readonly scale: Scale;
  readonly seed: number;
  /** The folder of the audio's dataset. */
  readonly audio: string;
  /** The folder of the codes that #1.2 makes of it. */
  readonly codes: string;
  /** Those on which most waits come first. */
  readonly jobs: readonly PlannedJob[];
}

/** Plans the jobs of a report on a dataset of audio. */
export function planPaper(scale: Scale, seed: number, audio: string): PaperPlan {
  const common = { scale, seed };
  const row = (id: string, dataset = audio): RowArgument => ({ ...common, dataset, row: id });
  const [codesRow] = twoLevels.levels;
  const codes = codesFolder(encodeRun(row(codesRow)));
  const trainName = (id: string): string => `train #${id}`;
  const encodeName = `encode #${codesRow}`;
  const train = (id: string): PlannedJob => ({
    name: trainName(id),
    work: { kind: 'train', argument: row(id) },
    after: [],
  });
  const rows = table1.filter(({ id }) => scale.rows?.includes(id) ?? true);
  const autoencoders = rows.filter((candidate) => candidate.model(scale).kind === 'autoencoder');
  const jobs: PlannedJob[] = [
    train(codesRow),
    { name: encodeName, work: { kind: 'encode', argument: row(codesRow) }, after: [trainName(codesRow)] },
    {
      name: trainName(twoLevels.prior),
      work: { kind: 'train', argument: row(twoLevels.prior, codes) },
      after: [encodeName],
    },
    ...rows.filter(({ id }) => id !== codesRow).map(({ id }) => train(id)),
    {
      name: `generate #${twoLevels.id}`,
      work: { kind: 'generate', argument: { ...common, dataset: audio, codes } },
      after: [trainName(twoLevels.prior)],
    },
    ...autoencoders.map(({ id }): PlannedJob => ({
      name: `reconstruct #${id}`,
      work: { kind: 'reconstruct', argument: row(id) },
      after: [trainName(id)],
    })),
    ...profileSequences.flatMap((sequence) =>
      scale.profile.receptiveFields.map((receptiveField): PlannedJob => ({
        name: profileName(sequence, receptiveField),
        work: {
          kind: 'profile',
          argument: { ...common, dataset: sequence === 'codes' ? codes : audio, receptiveField },
        },
        after: sequence === 'codes' ? [encodeName] : [],
      })),
    ),
  ];
  return { scale, seed, audio, codes, jobs };
}

/** The name of the job that measures a point of a profile. */
export function profileName(sequence: ProfileSequence, receptiveField: number): string {
  return `profile of ${sequence}, r = ${receptiveField}`;
}

function encodeRun(argument: RowArgument): Run {
  return encodeDataset.run(argument);
}
