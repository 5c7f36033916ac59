import { loadKernels } from '@fermata/kernels';

import type { WaveNet } from '../waveNet';
import { NativeSampler } from './nativeSampler';
import { PlainSampler } from './plainSampler';
import type { SamplerSettings, SymbolSampler } from './symbolSampler';

/** A sampler on the compiled kernels where there are any, else one in TypeScript, with the weights as they are now. */
export async function createSampler(model: WaveNet, settings: SamplerSettings): Promise<SymbolSampler> {
  const kernels = loadKernels();
  return kernels === undefined
    ? PlainSampler.create(model, settings)
    : NativeSampler.create(kernels, model, settings);
}
