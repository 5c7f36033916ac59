import * as tf from '@tensorflow/tfjs';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Origin of a run's numbers. */
export interface Provenance {
  readonly run: string;
  readonly schemaVersion: number;
  readonly seed: number;
  /** Fingerprint of the data. */
  readonly data: string;
  /** Times of the run's start and completion, in ISO 8601. */
  readonly started: string;
  readonly finished?: string;
  /** Sessions, one for each start or resumption. */
  readonly sessions: readonly Session[];
}

/** Part of a run in one process. */
export interface Session {
  readonly started: string;
  /** Step that the session started from. */
  readonly fromStep: number;
  /** Commit of the source, if known. */
  readonly commit?: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly backend: string;
  /** Processor in use. */
  readonly device: string;
}

/** Describes the session that this process begins now. */
export function describeSession(fromStep: number, device: string | undefined): Session {
  const commit = currentCommit(__dirname);
  return {
    started: new Date().toISOString(),
    fromStep,
    ...(commit !== undefined && { commit }),
    versions: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      tfjs: tf.version_core,
    },
    backend: tf.getBackend(),
    device: device ?? cpus().at(0)?.model ?? 'unknown',
  };
}

/** Reads the commit that is checked out in the git repository around a folder, without calling git. */
export function currentCommit(folder: string): string | undefined {
  const git = findGit(resolve(folder));
  if (git === undefined) return undefined;
  const head = readLine(join(git, 'HEAD'));
  const reference = head?.match(/^ref: (.*)$/)?.[1];
  if (reference === undefined) return head;
  // A linked worktree uses the branches of the main repository.
  const common = resolve(git, readLine(join(git, 'commondir')) ?? '.');
  return readLine(join(common, reference)) ?? packedReference(common, reference);
}

function findGit(folder: string): string | undefined {
  const candidate = join(folder, '.git');
  if (existsSync(join(candidate, 'HEAD'))) return candidate;
  const link = readLine(candidate)?.match(/^gitdir: (.*)$/)?.[1];
  if (link !== undefined) return resolve(folder, link);
  const parent = dirname(folder);
  return parent === folder ? undefined : findGit(parent);
}

function packedReference(git: string, reference: string): string | undefined {
  const packed = readText(join(git, 'packed-refs'))?.split('\n');
  return packed?.find((line) => line.endsWith(` ${reference}`))?.split(' ')[0];
}

function readLine(path: string): string | undefined {
  return readText(path)?.split('\n')[0].trim();
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
