import {
  asFileError,
  canonicalJson,
  fingerprint,
  lockFolder,
  makeFolder,
  UserError,
  writeFileAtomic,
} from '@fermata/core';
import type { Json } from '@fermata/core';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { readMetrics } from './metricsLog';
import type { MetricsLine } from './metricsLog';
import type { Provenance } from './provenance';

/**
 * Raised when the meaning of what a run's folder holds changes, or what models keep in their checkpoints, so that older
 * runs are not taken for new ones: they are not found, and what they trained is trained again.
 */
export const runSchemaVersion = 2;

/** What makes a run the run it is: everything that its numbers depend on but backend and machine. */
export interface RunIdentity {
  /** The resolved config, plain JSON: model, training and whatever else. No paths, no threads, no backend. */
  readonly config: object;
  readonly seed: number;
  /** The fingerprint of the data's contents. */
  readonly data: string;
}

/** What a completed run came to. */
export interface TrainingResult {
  readonly steps: number;
  readonly timesteps: number;
  /** Means over the last steps, from the last line of the metrics. */
  readonly training: Readonly<Record<string, number>>;
  /** What the evaluation after the last step measured, with the averaged weights; empty where there is none. */
  readonly evaluation: Readonly<Record<string, number>>;
  readonly wallSeconds: number;
}

/** The folder of all runs: the one that FERMATA_RUNS names, else `.fermata/runs` in the current folder. */
export function defaultRunsFolder(): string {
  const named = process.env.FERMATA_RUNS;
  return resolve(named === undefined || named === '' ? join('.fermata', 'runs') : named);
}

/** The runs on this machine, one folder each. */
export class RunStore {
  readonly folder: string;

  constructor(folder: string = defaultRunsFolder()) {
    this.folder = resolve(folder);
  }

  /** The run of an identity, begun or not. Nothing is written. @throws UserError when its config.json is another's */
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

  /** All runs that have been begun, by name. */
  list(): Run[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .sort()
      .flatMap((id) => {
        const found = readConfig(join(this.folder, id));
        return found === undefined ? [] : [new Run(this.folder, found)];
      })
      .filter((run) => existsSync(run.folder)); // of older schema versions the names are others
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

  /** The path of a file in the run's folder. */
  file(name: string): string {
    return join(this.folder, name);
  }

  /** The folder of its checkpoints. */
  get checkpoints(): string {
    return this.file('checkpoints');
  }

  /** What it came to, when it is complete. */
  result(): TrainingResult | undefined {
    return readJson(this.file('result.json')) as TrainingResult | undefined;
  }

  /** The lines of its metrics so far. */
  metrics(): MetricsLine[] {
    return readMetrics(this.file('metrics.jsonl'));
  }

  provenance(): Provenance | undefined {
    return readJson(this.file('provenance.json')) as Provenance | undefined;
  }

  /**
   * Makes the folder with its config.json and takes the right to write in it. Returns a function that gives it back.
   *
   * @throws UserError when another process is writing this run, or the folder cannot be written
   */
  open(): () => void {
    try {
      makeFolder(this.folder);
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

  /** Writes config.json, which says what the folder is of, unless it is there. */
  writeConfig(): void {
    if (!existsSync(this.file('config.json'))) this.writeJson('config.json', describe(this.identity));
  }

  /** Removes a file of the folder, if it is there. */
  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  /** Writes a JSON file into the folder, whole or not at all. */
  writeJson(name: string, value: object): void {
    writeFileAtomic(this.file(name), `${JSON.stringify(value, undefined, 2)}\n`);
  }

  // What processes that were killed while they wrote a file have left.
  private removeUnfinished(): void {
    for (const name of readdirSync(this.folder)) {
      if (name.endsWith('.tmp')) this.remove(name);
    }
  }
}

// What config.json holds.
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
