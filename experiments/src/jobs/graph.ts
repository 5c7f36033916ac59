import { describeModel } from '../models';
import { rowNamed, type Sequence } from '../rows';
import { levelsBelow, sequenceTitle } from '../sequences';
import { systemNamed } from '../systems';
import type { GenerateArgument } from './generateMusic';
import type { JobArgument } from './job';
import type { ProfileArgument } from './profile';
import { belowOf, configOf, type RowArgument } from './rowRun';
import type { PlannedJob } from './runPlanned';

/**
 * Collects the jobs of a plan with all jobs that they need, each once and after the jobs that it needs. The needs
 * follow from the sequence that a row models: for codes, it trains the rows below and makes their codes first.
 */
export class JobGraph {
  private readonly planned = new Map<string, PlannedJob>();

  /** @param endingOf the ending of names of jobs, to tell seeds apart: `, seed 2` */
  constructor(private readonly endingOf: (argument: JobArgument) => string = () => '') {}

  /** All jobs, each after the jobs that it waits for. */
  get jobs(): readonly PlannedJob[] {
    return [...this.planned.values()];
  }

  /** Trains a row and measures it. @returns the job's name */
  train(argument: RowArgument): string {
    const after = this.makeSequence(rowNamed(argument.row).sequence, argument);
    return this.add({ name: `train #${argument.row}`, work: { kind: 'train', argument }, after });
  }

  /** Encodes a row's sequence to make the codes that rows above model. @returns the job's name */
  encode(argument: RowArgument): string {
    const after = [this.train(argument)];
    return this.add({ name: `encode #${argument.row}`, work: { kind: 'encode', argument }, after });
  }

  /** Reconstructs excerpts through a row and the rows below it. @returns the job's name */
  reconstruct(argument: RowArgument): string {
    const after = [this.train(argument)];
    return this.add({ name: `reconstruct #${argument.row}`, work: { kind: 'reconstruct', argument }, after });
  }

  /** Generates music with a system. @returns the job's name */
  generate(argument: GenerateArgument): string {
    const { system, ...rest } = argument;
    const { prior, levels } = systemNamed(system);
    const after = [prior, ...levels].map((row) => this.train({ ...rest, row }));
    return this.add({ name: `generate #${system}`, work: { kind: 'generate', argument }, after });
  }

  /** Measures a point of a predictability profile. @returns the job's name */
  profile(argument: ProfileArgument): string {
    const { sequence, receptiveField } = argument;
    const after = this.makeSequence(sequence, argument);
    const name = `profile of ${sequenceTitle(sequence)}, r = ${receptiveField}`;
    return this.add({ name, work: { kind: 'profile', argument }, after });
  }

  private makeSequence(sequence: Sequence, argument: JobArgument): string[] {
    const row = levelsBelow(sequence).at(-1);
    return row === undefined ? [] : [this.encode(belowOf(row.id, argument))];
  }

  private add(job: PlannedJob): string {
    const name = `${job.name}${this.endingOf(job.work.argument)}`;
    if (!this.planned.has(name)) this.planned.set(name, { ...job, name });
    return name;
  }
}

/** True if a row reconstructs its sequence. */
export function isReconstructed(argument: RowArgument): boolean {
  return describeModel(configOf(argument).model).isLevel;
}
