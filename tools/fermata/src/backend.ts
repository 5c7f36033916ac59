import { loadKernels } from '@fermata/kernels';
import { backendNames, selectBackend, type BackendStatus } from '@fermata/tensor';
import { Option } from 'commander';

/** The option `--backend`, the same for every command. */
export function backendOption(): Option {
  return new Option(
    '--backend <name>',
    'where tensors are computed (also FERMATA_BACKEND); else the best there is',
  ).choices([...backendNames]);
}

/** Picks the backend for this process and for those that it starts. */
export async function useBackend(name: string | undefined): Promise<BackendStatus> {
  const status = await selectBackend(name);
  process.env.FERMATA_BACKEND = status.name;
  return status;
}

/** Sets with how many threads this process computes; the backends `wasm` and `cpu` have one. */
export function useThreads(threads: number | undefined): void {
  if (threads !== undefined) loadKernels()?.setThreads(threads);
}
