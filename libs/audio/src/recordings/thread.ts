import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { UserError } from '@fermata/core';

import { damaged } from '../files/format';
import type { Reply, Request } from './messages';

// Megabytes of JavaScript objects; audio is outside of them.
const mostMemory = 512;

/** An error that leaves a thread in the middle of something: it must be ended. */
export class ThreadLost extends Error {
  constructor(readonly reason: unknown) {
    super('the thread is lost', { cause: reason });
  }
}

interface Listener {
  readonly onReply: (reply: Reply) => void;
  readonly onEnd: (problem: string) => void;
}

/** A thread that reads recordings. */
export class ReadingThread {
  private readonly worker: Worker;
  private waiting = new Int32Array(1);
  private idle = 0;
  private listener: Listener | undefined;
  private isReady = false;

  /**
   * @param module path of the module that the thread runs
   * @param patience seconds without a sign of life after which the thread is given up
   */
  constructor(
    module = join(__dirname, `serve${extname(__filename)}`),
    private readonly patience = 5,
  ) {
    this.worker = new Worker(module, {
      // Specs run sources, and the options of their process have a loader for them.
      ...(extname(module) === '.ts' && { execArgv: process.execArgv }),
      resourceLimits: { maxOldGenerationSizeMb: mostMemory },
    });
    this.worker.on('message', (reply: Reply) => {
      this.idle = 0;
      if (reply.kind === 'ready') {
        this.waiting = new Int32Array(reply.waiting);
        this.isReady = true;
      } else if (reply.kind !== 'alive') this.listener?.onReply(reply);
    });
    this.worker.on('error', (error: Error) => this.listener?.onEnd(error.message));
    this.worker.on('exit', () => this.listener?.onEnd('the decoder ended'));
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws UserError if the file cannot be used
   * @throws ThreadLost if the thread came to an end, was stuck, or must be ended because of the signal
   */
  async ask(request: Request, signal?: AbortSignal, onDecoded?: (seconds: number) => void): Promise<Reply> {
    let watch: NodeJS.Timeout | undefined;
    let abort: (() => void) | undefined;
    const lost = (problem: string) =>
      new ThreadLost(damaged(request.path, `it cannot be decoded (${problem})`));
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.listener = {
          onReply: (reply) => {
            if (reply.kind === 'progress') onDecoded?.(reply.seconds);
            else if (reply.kind === 'refused') reject(new UserError(reply.problem, reply.remedy));
            else if (reply.kind === 'failed') {
              reject(damaged(request.path, `it cannot be read (${reply.message})`));
            } else resolve(reply);
          },
          onEnd: (problem) => {
            reject(lost(problem));
          },
        };
        abort = () => {
          reject(new ThreadLost(signal?.reason));
        };
        signal?.addEventListener('abort', abort);
        this.idle = 0;
        // Counts seconds in which this thread ran: after the machine has slept, both need a moment.
        watch = setInterval(() => {
          if (!this.isReady || this.waiting[0] === 1) return;
          if (++this.idle > this.patience) reject(lost(`the decoder did nothing for ${this.patience} s`));
        }, 1000);
        this.worker.postMessage(request);
      });
    } finally {
      clearInterval(watch);
      if (abort !== undefined) signal?.removeEventListener('abort', abort);
      this.listener = undefined;
    }
  }

  async end(): Promise<void> {
    this.listener = undefined;
    await this.worker.terminate();
  }
}
