import { loadKernels } from '@fermata/kernels';

import type { WaveNet } from '../waveNet';
import { NativeSampler } from './nativeSampler';
import { PlainSampler } from './plainSampler';
import type { SamplerSettings, SymbolSampler } from './symbolSampler';

/** Creates a sampler with the model's current weights, on the compiled kernels if available, else in TypeScript. */
export async function createSampler(model: WaveNet, settings: SamplerSettings): Promise<SymbolSampler> {
  const kernels = loadKernels();
  return kernels === undefined
    ? PlainSampler.create(model, settings)
    : NativeSampler.create(kernels, model, settings);
}
