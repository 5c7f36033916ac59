import { UserError, type ProgressListener } from '@fermata/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Contender, ContenderError, type Prepared, type Program } from './contender';
import type { Part, Task } from './protocol';

/** What Fermata is compared with. */
export const peerKinds = ['wasm', 'pytorch'] as const;
export type PeerKind = (typeof peerKinds)[number];

/** How a benchmark is made, whatever is measured. */
export interface BenchOptions {
  /** Of every process that can have more than one. */
  readonly threads: number;
  /** tfjs backend; else the best there is. */
  readonly backend?: string | undefined;
  readonly peers: readonly PeerKind[];
  /** Pythons with PyTorch, by name or path; else the `python3` on the PATH, if it has it. */
  readonly pythons?: readonly string[] | undefined;
  /** Whether to measure torch.compile too. Default true. */
  readonly compile?: boolean;
  /** How often each process has its turn, one after the other. */
  readonly repetitions: number;
  /** How long a turn takes at least, in seconds. */
  readonly seconds: number;
  readonly onProgress?: ProgressListener;
  /** Hears in one line each of what cannot be compared with, and why. */
  readonly onMessage?: (line: string) => void;
  /** When it is aborted, measuring stops with the signal's reason, and no process is left. */
  readonly signal?: AbortSignal;
  /** Options of Node for its processes; those of this process when left out. */
  readonly execArgv?: readonly string[];
}

/** A process that is ready to be measured. */
export interface Ready {
  /** `native`, `PyTorch 2.1.0 eager`. */
  readonly name: string;
  readonly contender: Contender;
  /** What it was given to do: a slow peer may have been given less. */
  readonly task: Task;
  readonly prepared: Prepared;
}

/** What could not be compared with, and why. */
export interface Unavailable {
  readonly name: string;
  readonly reason: string;
}

/** All that a benchmark measures in turn. */
export interface Contenders {
  readonly subject: Ready;
  readonly peers: readonly Ready[];
  readonly unavailable: readonly Unavailable[];
  close(): void;
}

/** One thing to measure: a task for Fermata, and what peers are given of it. */
export interface Benchmark {
  readonly task: Task;
  readonly parts: readonly Part[];
  /** The task of tfjs on wasm, which may be a smaller one; undefined: it is no peer here. */
  readonly wasmTask?: Task;
  readonly pytorchTask: Task;
  /** Whether torch.compile has anything to compile. */
  readonly compilable: boolean;
}

const eagerLimit = 180;
// It compiles C++, forward and backward, and a machine may be slow.
const compileLimit = 300;
// In nats: far above rounding, far below any difference of the nets.
const tolerance = 1e-4;

/**
 * Starts the process of Fermata and those of its peers, gives all of them the same weights and symbols, and makes sure
 * that all of them compute the same.
 *
 * @throws UserError for a backend that cannot be had, and for a Python that was named but has no PyTorch
 * @throws Error when a peer computes something else
 */
export async function startContenders(benchmark: Benchmark, options: BenchOptions): Promise<Contenders> {
  const folder = mkdtempSync(join(tmpdir(), 'fermata-bench-'));
  const started: Contender[] = [];
  const { signal } = options;
  const close = () => {
    signal?.removeEventListener('abort', close);
    for (const contender of started) contender.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const start = (program: Program): Contender => {
    const contender = new Contender(program);
    started.push(contender);
    return contender;
  };
  signal?.addEventListener('abort', close);
  try {
    return { ...(await prepareAll(benchmark, options, join(folder, 'net.safetensors'), start)), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function prepareAll(
  benchmark: Benchmark,
  options: BenchOptions,
  tensors: string,
  start: (program: Program) => Contender,
): Promise<Omit<Contenders, 'close'>> {
  const { task, parts, wasmTask, pytorchTask, compilable } = benchmark;
  const { threads, backend, peers: kinds, pythons = ['python3'], compile = true, onMessage } = options;
  const unavailable: Unavailable[] = [];
  const miss = (name: string, reason: string) => {
    unavailable.push({ name, reason });
    onMessage?.(`No comparison with ${name}: ${reason}`);
  };

  options.onProgress?.({ stage: 'prepare', done: 0, total: 1 });
  const worker = start(
    workerProgram(options, {
      FERMATA_THREADS: String(threads),
      ...(backend && { FERMATA_BACKEND: backend }),
    }),
  );
  const prepared = await worker.prepare({ task: { ...task, threads }, parts, tensors });
  const subject: Ready = { name: prepared.name!, contender: worker, task, prepared };

  const peers: Ready[] = [];
  const add = async (
    contender: Contender,
    given: Task,
    name: (version: string) => string,
    request: { tensors?: string; compiled?: boolean },
  ): Promise<void> => {
    const limit = request.compiled === true ? compileLimit : eagerLimit;
    const ready = await contender.prepare({ task: { ...given, threads }, parts, ...request }, limit);
    assertSame(prepared.check, ready.check, name(ready.version));
    peers.push({ name: name(ready.version), contender, task: given, prepared: ready });
  };

  if (kinds.includes('wasm') && wasmTask !== undefined) {
    const sampling = task.kind === 'sample';
    if (subject.name === (sampling ? 'TypeScript' : 'wasm')) miss('tfjs on wasm', 'it is what is measured.');
    else {
      const environment = { FERMATA_BACKEND: 'wasm', FERMATA_NATIVE: 'off', FERMATA_THREADS: '1' };
      const name = (version: string) => `tfjs ${version} wasm${sampling ? ', TypeScript sampler' : ''}`;
      await add(start(workerProgram(options, environment)), wasmTask, name, {}).catch((error: unknown) => {
        if (!(error instanceof ContenderError)) throw error;
        miss('tfjs on wasm', `${error.message}.`);
      });
    }
  }
  if (!kinds.includes('pytorch')) return { subject, peers, unavailable };
  for (const python of pythons) {
    for (const compiled of compilable && compile ? [false, true] : [false]) {
      const mode = compiled ? 'torch.compile' : 'eager';
      try {
        const contender = start(pythonProgram(python, threads));
        await add(contender, pytorchTask, (version) => `PyTorch ${version} ${mode}`, { tensors, compiled });
      } catch (error) {
        if (!(error instanceof ContenderError)) throw error;
        if (compiled) {
          miss(`torch.compile of ${python}`, `${error.message}.`);
          continue;
        }
        if (options.pythons !== undefined)
          throw new UserError(`--python ${python}: ${error.message}.`, getPyTorch);
        miss('PyTorch', `${python}: ${error.message}. ${getPyTorch}`);
        break;
      }
    }
  }
  return { subject, peers, unavailable };
}

const getPyTorch = 'Install it with `pip install torch`, and name its Python with --python.';

function assertSame(ours: readonly number[], theirs: readonly number[], name: string): void {
  const same =
    ours.length === theirs.length && ours.every((value, i) => Math.abs(value - theirs[i]) < tolerance);
  if (same) return;
  throw new Error(
    `${name} computes losses of [${theirs.join(', ')}] nats where Fermata computes [${ours.join(', ')}]: they are not the same net`,
  );
}

function workerProgram(
  { execArgv = process.execArgv }: BenchOptions,
  environment: Readonly<Record<string, string>>,
): Program {
  return { command: process.execPath, args: [...execArgv, join(__dirname, 'worker', 'main')], environment };
}

function pythonProgram(python: string, threads: number): Program {
  const script = join(__dirname, '..', 'pytorch', 'peer.py');
  return { command: python, args: ['-B', script], environment: { OMP_NUM_THREADS: String(threads) } };
}
