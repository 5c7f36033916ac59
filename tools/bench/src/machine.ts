import { kernelsStatus } from '@fermata/kernels';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** Machine of a measurement. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  /** SIMD extensions of the processor, as its operating system reports them; null if it does not. */
  readonly processorFeatures: readonly string[] | null;
  /** Instruction set of the compiled kernels; null without kernels. */
  readonly instructionSet: string | null;
  /** Processes that ran or waited in the minute before: above 0.5 something else disturbs the measurement. */
  readonly loadAverage: number;
}

/** Describes this machine, now. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    processorFeatures: processorFeatures(),
    instructionSet: kernelsStatus().instructionSet ?? null,
    loadAverage: Number(loadavg()[0].toFixed(2)),
  };
}

/** Describes a machine in one line. */
export function machineLine(machine: Machine): string {
  const { processor, cores, memoryGiB, platform, node, instructionSet, processorFeatures } = machine;
  const simd = instructionSet ?? processorFeatures?.join(' ');
  const parts = [`${cores} × ${processor}`, simd, `${memoryGiB} GiB`, platform, `Node ${node}`];
  return parts.filter((part) => part !== undefined).join(', ');
}

const features = /^(avx2|fma|avx512(f|bw|vl|_vnni|_bf16)|avx_vnni|amx_\w+|asimd|asimddp|bf16|i8mm|sve2?)$/;

function processorFeatures(): string[] | null {
  let text: string;
  try {
    text = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return null; // not Linux
  }
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1] ?? '';
  return flags.split(' ').filter((flag) => features.test(flag));
}
