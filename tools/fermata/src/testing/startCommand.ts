import { fromSources } from '@fermata/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** A started command, as the shell sees it. */
export class StartedCommand {
  stdout = '';
  stderr = '';
  private readonly ended: Promise<unknown[]>;

  constructor(readonly process: ChildProcess) {
    process.stdout!.on('data', (text: Buffer) => (this.stdout += text.toString()));
    process.stderr!.on('data', (text: Buffer) => (this.stderr += text.toString()));
    this.ended = once(process, 'close');
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Exit status, or the signal that ended it. */
  async end(): Promise<unknown> {
    const [status, signal] = await this.ended;
    return status ?? signal;
  }

  /** Last lines on standard error, without progress. */
  complaints(): string[] {
    return this.stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !/^(Scale|data: |[\w #.]+ \w+ +\d+%)/.test(line));
  }
}

/** Settings of a started command. */
export interface StartOptions {
  /** Current folder, which also holds the runs and the cache: `runs`, `cache`. */
  readonly folder: string;
  readonly backend: string;
  /** Regular expression of the file paths that meet a full disk. */
  readonly fullDisk?: string;
}

/** Starts the command `fermata` from its sources. */
export function startCommand(
  args: readonly string[],
  { folder, backend, fullDisk }: StartOptions,
): StartedCommand {
  const disk = fullDisk === undefined ? [] : ['--require', join(__dirname, 'fullDisk.js')];
  const child = spawn(process.execPath, [...fromSources, ...disk, join(__dirname, '../main.ts'), ...args], {
    cwd: folder,
    detached: true, // a process group of its own, as a shell makes it
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      FERMATA_RUNS: join(folder, 'runs'),
      FERMATA_CACHE: join(folder, 'cache'),
      FERMATA_BACKEND: backend,
      FULL_DISK: fullDisk,
    },
  });
  return new StartedCommand(child);
}

/** Waits until a condition holds. @throws Error if the command ends first */
export async function until(condition: () => boolean, started: StartedCommand): Promise<void> {
  while (!condition()) {
    if (!started.isRunning) throw new Error(`it ended: ${started.stderr}`);
    await setTimeout(20);
  }
}
