import { UserError, type ProgressListener } from '@fermata/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Contender, ContenderError, type Prepared, type Program } from './contender';
import type { Part, Task } from './protocol';

/** Kinds of software that Fermata is compared with. */
export const peerKinds = ['wasm', 'tensorflow', 'pytorch'] as const;
export type PeerKind = (typeof peerKinds)[number];
/** Kinds compared with unless others are named. */
export const defaultPeers: readonly PeerKind[] = ['wasm', 'pytorch'];

/** Options of every benchmark. */
export interface BenchOptions {
  /** Number of threads of every process that supports several. */
  readonly threads: number;
  /** tfjs backend; by default the best available. */
  readonly backend?: string | undefined;
  readonly peers: readonly PeerKind[];
  /** Pythons with PyTorch, by name or path; by default the `python3` on the PATH, if it has PyTorch. */
  readonly pythons?: readonly string[] | undefined;
  /** True to measure torch.compile too, which is the default. */
  readonly compile?: boolean;
  /** Number of turns of each process. */
  readonly repetitions: number;
  /** Shortest length of a turn, in seconds. */
  readonly seconds: number;
  readonly onProgress?: ProgressListener;
  /** Called with one line for each comparison that is not possible, with the reason. */
  readonly onMessage?: (line: string) => void;
  /** Aborting it stops the measurement with the signal's reason and ends all processes. */
  readonly signal?: AbortSignal;
  /** Node options of its processes; by default those of this process. */
  readonly execArgv?: readonly string[];
}

/** Process that is ready to be measured. */
export interface Ready {
  /** Name, such as `native` or `PyTorch 2.1.0 eager`. */
  readonly name: string;
  readonly contender: Contender;
  /** Its task: a slow peer may get a smaller one. */
  readonly task: Task;
  readonly prepared: Prepared;
}

/** Comparison that is not possible, and the reason. */
export interface Unavailable {
  readonly name: string;
  readonly reason: string;
}

/** Processes that a benchmark measures in turn. */
export interface Contenders {
  readonly subject: Ready;
  readonly peers: readonly Ready[];
  readonly unavailable: readonly Unavailable[];
  close(): void;
}

/** Benchmark: a task for Fermata, and the tasks of its peers. */
export interface Benchmark {
  readonly task: Task;
  readonly parts: readonly Part[];
  /** Task of tfjs on wasm, possibly smaller; undefined excludes it. */
  readonly wasmTask?: Task;
  readonly pytorchTask: Task;
  /** True if torch.compile has something to compile. */
  readonly compilable: boolean;
}

const eagerLimit = 180;
// Limit in seconds: it compiles C++, forward and backward, possibly on a slow machine.
const compileLimit = 300;
// Tolerance in nats: far above rounding, far below any difference of the nets.
const tolerance = 1e-4;

/**
 * Starts the processes of Fermata and of its peers, gives all of them the same weights and symbols, and checks that all
 * compute the same.
 *
 * @throws UserError if a backend is not available, or if a named Python has no PyTorch
 * @throws Error if a peer computes something else
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

  const sampling = task.kind === 'sample';
  const addTfjs = async (kind: 'wasm' | 'tensorflow', given: Task, environment: Record<string, string>) => {
    const name = (version: string) => `tfjs ${version} ${kind}${sampling ? ', TypeScript sampler' : ''}`;
    const program = workerProgram(options, { FERMATA_BACKEND: kind, ...environment });
    await add(start(program), given, name, {}).catch((error: unknown) => {
      if (!(error instanceof ContenderError || error instanceof UserError)) throw error;
      miss(`tfjs on ${kind}`, error instanceof UserError ? error.problem : `${error.message}.`);
    });
  };
  if (kinds.includes('wasm') && wasmTask !== undefined) {
    if (subject.name === (sampling ? 'TypeScript' : 'wasm')) miss('tfjs on wasm', 'Fermata itself uses it.');
    else await addTfjs('wasm', wasmTask, { FERMATA_NATIVE: 'off', FERMATA_THREADS: '1' });
  }
  if (kinds.includes('tensorflow')) {
    if (subject.name === 'tensorflow') miss('tfjs on tensorflow', 'Fermata itself uses it.');
    else if (sampling) miss('tfjs on tensorflow', 'Sampling does not use it.');
    else await addTfjs('tensorflow', task, { FERMATA_THREADS: String(threads) });
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
