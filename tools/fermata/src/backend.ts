import { loadKernels } from '@fermata/kernels';
import { backendNames, selectBackend, type BackendStatus } from '@fermata/tensor';
import { Option } from 'commander';

/** The option `--backend`, the same for every command. */
export function backendOption(): Option {
  return new Option(
    '--backend <name>',
    'backend that computes tensors (also FERMATA_BACKEND); else the best one available',
  ).choices([...backendNames]);
}

/** Selects the backend for this process and its child processes. */
export async function useBackend(name: string | undefined): Promise<BackendStatus> {
  const status = await selectBackend(name);
  process.env.FERMATA_BACKEND = status.name;
  return status;
}

/** Sets the number of threads of this process; the backends `wasm` and `cpu` have one. */
export function useThreads(threads: number | undefined): void {
  if (threads !== undefined) loadKernels()?.setThreads(threads);
}
