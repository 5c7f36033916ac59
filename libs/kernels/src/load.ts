import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Kernels } from './kernels';

/** Whether the compiled kernels can be used here, and on what, or why not. */
export interface KernelsStatus {
  readonly available: boolean;
  /** What they run on, or why they do not, with the remedy: one line. */
  readonly reason: string;
  /** The instruction set in use, such as `avx512`. */
  readonly instructionSet?: string;
  /** How many threads compute. */
  readonly threads?: number;
}

const addonPath = join(__dirname, '..', 'build', 'fermata.node');

let loaded: { kernels: Kernels } | { problem: string } | undefined;

/**
 * The compiled kernels, or undefined where they are not built, switched off with FERMATA_NATIVE=off, or do not run on
 * this machine. `kernelsStatus` says why.
 */
export function loadKernels(): Kernels | undefined {
  loaded ??= load();
  return 'kernels' in loaded ? loaded.kernels : undefined;
}

/** What `loadKernels` finds, for people. */
export function kernelsStatus(): KernelsStatus {
  const kernels = loadKernels();
  if (kernels === undefined) return { available: false, reason: (loaded as { problem: string }).problem };
  const [instructionSet, threads] = [kernels.instructionSet(), kernels.threads()];
  return {
    available: true,
    reason: `compiled kernels, ${instructionSet}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    instructionSet,
    threads,
  };
}

function load(): { kernels: Kernels } | { problem: string } {
  if (process.env.FERMATA_NATIVE === 'off') {
    return { problem: 'FERMATA_NATIVE=off switches the compiled kernels off: unset it' };
  }
  if (!existsSync(addonPath)) {
    return {
      problem:
        'the kernels are not compiled: install a C++ compiler (g++ or clang++) and run `npm run build:kernels`',
    };
  }
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon cannot be imported
    const kernels = require(addonPath) as Kernels;
    kernels.instructionSet(); // throws where FERMATA_ISA cannot be had
    return { kernels };
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    return {
      problem: `the compiled kernels do not load: ${line} \`npm run build:kernels\` compiles them again`,
    };
  }
}
