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
import { join, resolve } from 'node:path';

import { newestStep } from './checkpoint';
import { readMetrics } from './metricsLog';
import type { MetricsLine } from './metricsLog';
import type { Provenance } from './provenance';

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

/** Result of a completed run. */
export interface TrainingResult {
  readonly steps: number;
  readonly timesteps: number;
  /** Means over the last steps, from the last line of the metrics. */
  readonly training: Readonly<Record<string, number>>;
  /** Results of the evaluation after the last step, with the averaged weights; empty without an evaluation. */
  readonly evaluation: Readonly<Record<string, number>>;
  readonly wallSeconds: number;
}

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
      throw new UserError(`${run.file('config.json')}: not the config of this run.`, 'Move the folder away.');
    }
    return run;
  }

  /** All started runs, by name. */
  list(): Run[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .sort()
      .flatMap((id) => {
        const found = readConfig(join(this.folder, id));
        return found === undefined ? [] : [new Run(this.folder, found)];
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

  /** Result of the run, if it is complete. */
  result(): TrainingResult | undefined {
    return readJson(this.file('result.json')) as TrainingResult | undefined;
  }

  /** Lines of the run's metrics so far. */
  metrics(): MetricsLine[] {
    return readMetrics(this.file('metrics.jsonl'));
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

  /** A JSON file of the folder; undefined where it is missing. @throws UserError for a file that is not JSON */
  readJson(name: string): unknown {
    return readJson(this.file(name));
  }

  provenance(): Provenance | undefined {
    return readJson(this.file('provenance.json')) as Provenance | undefined;
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
    if (!existsSync(this.file('config.json'))) this.writeJson('config.json', describe(this.identity));
  }

  /** Removes a file of the folder, if it exists. */
  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  /** Writes a JSON file into the folder atomically. */
  writeJson(name: string, value: object): void {
    writeFileAtomic(this.file(name), `${JSON.stringify(value, undefined, 2)}\n`);
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

// Contents of config.json.
type RunConfig = RunIdentity & { readonly schemaVersion: number };

function describe({ config, seed, data }: RunIdentity): RunConfig {
  return { schemaVersion: runSchemaVersion, seed, data, config };
}

function readConfig(folder: string): RunConfig | undefined {
  return readJson(join(folder, 'config.json')) as RunConfig | undefined;
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw asFileError(error, path);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`${path}: not JSON.`, 'Delete the folder and train the run again.');
  }
}
