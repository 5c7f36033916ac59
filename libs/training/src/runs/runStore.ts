import {
  asFileError,
  canonicalJson,
  fingerprint,
  lockFolder,
  makeFolder,
  makeOutputFolder,
  UserError,
  writeFileAtomic,
} from '@fermata/core';
import type { Json } from '@fermata/core';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';

import { newestStep } from './checkpoint';
import { readMetrics } from './metricsLog';
import type { MetricsLine } from './metricsLog';
import { provenanceSchema, type Provenance } from './provenance';

/**
 * Version of the contents of run folders and of the models' checkpoints. Raise it when their meaning changes: older
 * runs are then no longer found, and are trained again.
 */
export const runSchemaVersion = 3;

/** Identity of a run: everything that its numbers depend on, except backend and machine. */
export interface RunIdentity {
  /** Resolved config, plain JSON: model, training and so on, but no paths, threads or backend. */
  readonly config: object;
  readonly seed: number;
  /** Fingerprint of the data's contents. */
  readonly data: string;
}

const count = z.int().nonnegative();
const numbers = z.record(z.string(), z.number()).readonly();

const trainingResult = z.object({
  steps: count,
  timesteps: count,
  training: numbers.describe('means over the last steps, from the last line of the metrics'),
  evaluation: numbers.describe(
    'results of the evaluation after the last step, with the averaged weights; empty without an evaluation',
  ),
  wallSeconds: z.number(),
});
/** Result of a completed run. */
export type TrainingResult = Readonly<z.output<typeof trainingResult>>;

/** Contents of config.json. */
const runConfig = z.object({
  schemaVersion: count,
  seed: z.number(),
  data: z.string(),
  config: z.looseObject({}),
});
type RunConfig = Readonly<z.output<typeof runConfig>>;

/** Folder of all runs: FERMATA_RUNS, else `.fermata/runs` in the current folder. */
export function defaultRunsFolder(): string {
  const named = process.env.FERMATA_RUNS;
  return resolve(named === undefined || named === '' ? join('.fermata', 'runs') : named);
}

/** Runs on this machine, one folder each. */
export class RunStore {
  readonly folder: string;

  constructor(folder: string = defaultRunsFolder()) {
    this.folder = resolve(folder);
  }

  /**
   * Returns the run of an identity, started or not, and writes nothing. @throws UserError if its config.json is
   * another's
   */
  run(identity: RunIdentity): Run {
    const run = new Run(this.folder, identity);
    const found = readConfig(run.folder);
    if (
      found !== undefined &&
      canonicalJson(found as unknown as Json) !== canonicalJson(describe(identity) as unknown as Json)
    ) {
      throw new UserError(`${run.file('config.json')}: not the config of this run.`, writtenAgain);
    }
    return run;
  }

  /**
   * All started runs, by name.
   *
   * @param onDamaged called for each run with a damaged config.json, which is left out
   */
  list(onDamaged: (error: UserError) => void = () => undefined): Run[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .sort()
      .flatMap((id) => {
        try {
          const found = readConfig(join(this.folder, id));
          return found === undefined ? [] : [new Run(this.folder, found)];
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          onDamaged(error);
          return [];
        }
      })
      .filter((run) => existsSync(run.folder)); // runs of older schema versions have other names
  }
}

/** One run and its folder, which is named after the hash of its identity. */
export class Run {
  readonly id: string;
  readonly folder: string;
  readonly identity: RunIdentity;

  constructor(store: string, { config, seed, data }: RunIdentity) {
    this.identity = { config, seed, data };
    this.id = fingerprint(describe(this.identity) as unknown as Json);
    this.folder = join(store, this.id);
  }

  /** Path of a file in the run's folder. */
  file(name: string): string {
    return join(this.folder, name);
  }

  /** Folder of the run's checkpoints. */
  get checkpoints(): string {
    return this.file('checkpoints');
  }

  /** Result of the run, if it is complete. @throws UserError for a damaged file */
  result(): TrainingResult | undefined {
    return this.readJson('result.json', trainingResult);
  }

  /**
   * Lines of the run's metrics so far.
   *
   * @param onWarning called for damaged lines, which are left out
   */
  metrics(onWarning?: (message: string) => void): MetricsLine[] {
    return readMetrics(this.file('metrics.jsonl'), onWarning);
  }

  /** Steps of its newest checkpoint; 0 where it has none. */
  steps(): number {
    return newestStep(this.checkpoints);
  }

  /** Size of its folder on disk, in bytes. */
  bytes(): number {
    return sizeOf(this.folder);
  }

  /** Removes the run from disk, with all that it trained. @throws UserError while a process writes in it */
  delete(): void {
    const release = lockFolder(this.folder);
    release();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * A JSON file of the folder; undefined where it is missing.
   *
   * @throws UserError for a file that is not JSON, or not of the schema
   */
  readJson<T>(name: string, schema: z.ZodType<T>): T | undefined {
    return readJson(this.file(name), schema);
  }

  /** Origin of the run's numbers; undefined before its training. @throws UserError for a damaged file */
  provenance(): Provenance | undefined {
    return this.readJson('provenance.json', provenanceSchema);
  }

  /** Writes a provenance.json without sessions if the run has lost its own. */
  restoreProvenance(): void {
    if (this.provenance() !== undefined) return;
    const { id: run, identity } = this;
    this.writeJson('provenance.json', {
      run,
      schemaVersion: runSchemaVersion,
      seed: identity.seed,
      data: identity.data,
      started: statSync(this.file('config.json')).mtime.toISOString(),
      sessions: [],
    } satisfies Provenance);
  }

  /**
   * Creates the folder with its config.json and locks it for writing. Returns a function that releases the lock.
   *
   * @throws UserError if another process is writing this run, or if the folder cannot be written
   */
  open(): () => void {
    try {
      makeOutputFolder(this.folder);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(error.problem, `${error.remedy} FERMATA_RUNS names the folder of all runs.`, {
        cause: error,
      });
    }
    const release = lockFolder(this.folder);
    try {
      this.removeUnfinished();
      makeFolder(this.checkpoints);
      this.writeConfig();
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Writes config.json, which identifies the folder, unless it exists. */
  writeConfig(): void {
    if (!existsSync(this.file('config.json'))) write(this.file('config.json'), describe(this.identity));
  }

  /** Removes a file of the folder, if it exists. */
  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  /**
   * Writes a JSON file into the folder atomically.
   *
   * @throws UserError if the folder, which `open` or `writeConfig` has made, is gone
   */
  writeJson(name: string, value: object): void {
    if (!existsSync(this.file('config.json'))) throw this.gone();
    write(this.file(name), value);
  }

  /** Error for a folder that has disappeared while this process wrote in it. */
  gone(): UserError {
    return new UserError(
      `${this.folder}: the folder of this run was deleted or moved during the work.`,
      'If you moved it, put it back, and run the same command again: it goes on from the newest checkpoint. Else the run starts again.',
    );
  }

  // Removes temporary files of killed processes.
  private removeUnfinished(): void {
    for (const name of readdirSync(this.folder)) {
      if (name.endsWith('.tmp')) this.remove(name);
    }
  }
}

function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function describe({ config, seed, data }: RunIdentity): RunIdentity & { readonly schemaVersion: number } {
  return { schemaVersion: runSchemaVersion, seed, data, config };
}

function readConfig(folder: string): RunConfig | undefined {
  return readJson(join(folder, 'config.json'), runConfig);
}

const writtenAgain =
  'Delete this file, and run the same command again: it writes the file again, and keeps everything else of the run.';

function readJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw asFileError(error, path);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`${path}: damaged (not JSON).`, writtenAgain);
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const place = error.issues[0].path.join('.') || 'the whole file';
  throw new UserError(`${path}: damaged (${place} is not what ${basename(path)} holds).`, writtenAgain);
}

function write(path: string, value: object): void {
  writeFileAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
