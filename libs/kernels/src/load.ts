import { UserError } from '@fermata/core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Kernels } from './kernels';

/** Tells if the compiled kernels can be used here, and how, or why not. */
export interface KernelsStatus {
  readonly available: boolean;
  /** Instruction set and threads, or why the kernels do not work, with the remedy: one line. */
  readonly reason: string;
  /** Instruction set in use, such as `avx512`. */
  readonly instructionSet?: string;
  /** Number of compute threads. */
  readonly threads?: number;
}

const addonPath = join(__dirname, '..', 'build', 'fermata.node');

let loaded: Kernels | string | undefined;

/**
 * Loads the compiled kernels. Returns undefined if they are not built, are switched off with FERMATA_NATIVE=off, or do
 * not run on this machine; `kernelsStatus` tells why.
 *
 * @throws UserError if FERMATA_NATIVE, FERMATA_THREADS or FERMATA_ISA has an invalid value
 */
export function loadKernels(): Kernels | undefined {
  const result = load();
  return typeof result === 'string' ? undefined : result;
}

/** Describes the result of `loadKernels` for people. @throws UserError as `loadKernels` does */
export function kernelsStatus(): KernelsStatus {
  const kernels = load();
  if (typeof kernels === 'string') return { available: false, reason: kernels };
  const [instructionSet, threads] = [kernels.instructionSet(), kernels.threads()];
  return {
    available: true,
    reason: `compiled kernels, ${instructionSet}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    instructionSet,
    threads,
  };
}

/** Returns the kernels, or why they are unavailable. */
function load(): Kernels | string {
  const { FERMATA_NATIVE: wanted = '', FERMATA_THREADS: threads = '' } = process.env;
  if (threads !== '' && !/^[1-9]\d{0,2}$/.test(threads)) {
    throw new UserError(`FERMATA_THREADS is ${threads}.`, 'Give a whole number from 1 to 999.');
  }
  if (wanted === 'off') return 'FERMATA_NATIVE=off switches the compiled kernels off: unset it';
  if (wanted !== '') {
    throw new UserError(
      `FERMATA_NATIVE is ${wanted}.`,
      'Set it to off, or unset it to use the compiled kernels.',
    );
  }
  loaded ??= loadAddon();
  return loaded;
}

function loadAddon(): Kernels | string {
  if (!existsSync(addonPath)) {
    return `the kernels are not compiled: install a C++ compiler (g++ or clang++) and run \`${buildCommand()}\``;
  }
  let kernels: Kernels;
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon cannot be imported
    kernels = require(addonPath) as Kernels;
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    return `the compiled kernels do not load: ${line} \`${buildCommand()}\` compiles them again`;
  }
  const { FERMATA_ISA: instructionSet = '' } = process.env;
  const known = kernels.instructionSets();
  if (instructionSet !== '' && !known.includes(instructionSet)) {
    throw new UserError(`FERMATA_ISA is ${instructionSet}.`, `This machine has ${known.join(', ')}.`);
  }
  return kernels;
}

/** The command that compiles the kernels here. */
function buildCommand(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- plain JavaScript, which runs before any build
  return (require('../compile.js') as { buildCommand: () => string }).buildCommand();
}
