import type { Kernels, SamplerHandle } from '@fermata/kernels';

import type { WaveNet } from '../waveNet';
import type { SamplerSettings, SamplerSteps, SymbolSampler } from './symbolSampler';
import { readWeights } from './waveNetWeights';

/** The sampler on the compiled kernels. */
export class NativeSampler implements SymbolSampler {
  private readonly keys: Int32Array;

  private constructor(
    private readonly kernels: Kernels,
    private readonly sampler: SamplerHandle,
    private readonly settings: SamplerSettings,
  ) {
    this.keys = Int32Array.from(settings.keys.flatMap(({ high, low }) => [high, low]));
  }

  static async create(kernels: Kernels, model: WaveNet, settings: SamplerSettings): Promise<NativeSampler> {
    const { symbols, channels, gate, skip, head, width, dilations, conditioning = 0 } = model.config;
    const weights = await readWeights(model);
    const sampler = kernels.createSampler(
      {
        streams: settings.keys.length,
        symbols,
        channels,
        gate,
        skip,
        head,
        width,
        dilations,
        conditioning,
        hop: settings.hop,
      },
      settings.weights,
      weights.table,
      weights.layers.flatMap((layer) => [
        layer.kernel,
        layer.bias,
        layer.residualKernel,
        layer.residualBias,
        layer.skipKernel,
        layer.skipBias,
        layer.conditioningKernel,
      ]),
      [
        weights.head.hiddenKernel,
        weights.head.hiddenBias,
        weights.head.logitsKernel,
        weights.head.logitsBias,
      ],
    );
    return new NativeSampler(kernels, sampler, settings);
  }

  take({ position, steps, given, symbols, previous, conditioning, logits }: SamplerSteps): void {
    const { temperature, topK, topP } = this.settings;
    const { first: firstCode, count: codes, values } = conditioning ?? { first: 0, count: 0, values: null };
    const finite = this.kernels.sampleSteps(
      this.sampler,
      { position, steps, given, temperature, topK, topP, codes, firstCode },
      symbols,
      previous,
      this.keys,
      values,
      logits ?? null,
    );
    if (!finite) throw new RangeError('the logits are not finite');
  }

  release(): void {
    this.kernels.releaseSampler(this.sampler);
  }
}
