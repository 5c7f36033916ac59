import * as tf from '@tensorflow/tfjs';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

const count = z.int().nonnegative();

/** A stretch of a run in one process. */
export const sessionSchema = z.object({
  started: z.string(),
  fromStep: count.describe('step that the session went on from'),
  commit: z.exactOptional(z.string().describe('commit of the source, where known')),
  versions: z.record(z.string(), z.string()),
  backend: z.string(),
  device: z.string().describe('processor that computes'),
});
export type Session = Readonly<z.output<typeof sessionSchema>>;

/** The origin of a run's numbers. */
export const provenanceSchema = z.object({
  run: z.string(),
  schemaVersion: count,
  seed: count,
  data: z.string().describe('fingerprint of the data'),
  started: z.string().describe('start of the run, in ISO 8601'),
  finished: z.exactOptional(z.string()),
  sessions: z
    .array(sessionSchema)
    .readonly()
    .describe('one for each time that the run was started or resumed'),
});
export type Provenance = Readonly<z.output<typeof provenanceSchema>>;

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
