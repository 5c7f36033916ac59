import { UserError } from '@fermata/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import type { Answer, Part, Request } from './protocol';
import { significant } from './statistics';

/** Command that starts a process to be measured. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Variables added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Answer of a process that has prepared its task. */
export type Prepared = Extract<Answer, { version: string }>;

/** Error of a process that is missing, has ended, or could not do its task, with the reason as message. */
export class ContenderError extends Error {
  override readonly name = 'ContenderError';

  /** @param missing true if the process cannot be started at all */
  constructor(
    message: string,
    readonly missing: boolean,
  ) {
    super(message);
  }
}

/** Process that computes the same as others and is measured beside them. It lives as long as the measurement. */
export class Contender {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private readonly failed: Promise<never>;
  private complaint = '';

  constructor({ command, args, environment }: Program) {
    this.child = spawn(command, [...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.answers = createInterface(this.child.stdout!)[Symbol.asyncIterator]();
    this.child.stderr!.on('data', (text: Buffer) => {
      this.complaint = (this.complaint + text.toString()).slice(-2000);
    });
    this.child.stdin!.on('error', () => undefined); // a process that has ended gives its reason on its other streams
    this.failed = new Promise((_, reject) => {
      this.child.on('error', (error: NodeJS.ErrnoException) => {
        const missing = error.code === 'ENOENT' || error.code === 'EACCES';
        reject(new ContenderError(`${command} cannot be started (${error.code ?? error.message})`, missing));
      });
    });
    this.failed.catch(() => undefined); // handled by `ask`
  }

  /**
   * Lets the process build its net and warm up.
   *
   * @param limit seconds to wait; unlimited by default
   * @throws ContenderError, UserError if it fails
   */
  async prepare(
    request: Omit<Extract<Request, { command: 'prepare' }>, 'command'>,
    limit?: number,
  ): Promise<Prepared> {
    const answer = await this.ask({ command: 'prepare', ...request }, limit);
    return answer as Prepared;
  }

  /** Seconds of each repetition (GFLOP/s for `peak`); null if it has nothing to measure. @throws ContenderError */
  async measure(part: Part, repetitions: number): Promise<readonly number[] | null> {
    const answer = await this.ask({ command: 'measure', part, repetitions });
    return (answer as Extract<Answer, { values: unknown }>).values;
  }

  /**
   * Peak resident memory of the process, in MiB; null if the system does not report it (Linux does). Not `maxRSS`,
   * which begins with the memory of the parent process.
   */
  peakMemory(): number | null {
    const status = readStatus(this.child.pid);
    const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? null : significant(Number(kibibytes) / 1024);
  }

  /** Ends the process. */
  close(): void {
    this.child.stdin!.end();
    this.child.kill();
  }

  private async ask(request: Request, limit?: number): Promise<Answer> {
    this.child.stdin!.write(`${JSON.stringify(request)}\n`);
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      if (limit === undefined) return;
      timer = setTimeout(() => {
        this.close();
        reject(new ContenderError(`it was not ready after ${limit} s`, false));
      }, limit * 1000);
    });
    const line = await Promise.race([this.answers.next(), this.failed, tooLong]).finally(() => {
      clearTimeout(timer);
    });
    if (line.done === true) {
      const last = this.complaint.trim().split('\n').at(-1);
      throw new ContenderError(`its process ended${last ? `: ${last}` : ''}`, false);
    }
    const answer = JSON.parse(line.value) as Answer;
    if (!('error' in answer)) return answer;
    if (answer.remedy !== undefined) throw new UserError(answer.error, answer.remedy);
    throw new ContenderError(answer.error, answer.missing === true);
  }
}

// Linux's status of a process; empty elsewhere.
function readStatus(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
