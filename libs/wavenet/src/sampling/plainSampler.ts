import { fold, RandomStream } from '@fermata/core';

import type { WaveNet } from '../waveNet';
import { drawSymbol } from './drawSymbol';
import { IncrementalWaveNet } from './incrementalWaveNet';
import type { ConditioningBlock, SamplerSettings, SamplerSteps, SymbolSampler } from './symbolSampler';

/** The sampler in TypeScript: the reference for the compiled one, and the sampler of machines without it. */
export class PlainSampler implements SymbolSampler {
  private code = -1;

  private constructor(
    private readonly network: IncrementalWaveNet,
    private readonly settings: SamplerSettings,
  ) {}

  static async create(model: WaveNet, settings: SamplerSettings): Promise<PlainSampler> {
    const network = await IncrementalWaveNet.create(model, settings.keys.length, settings.weights);
    return new PlainSampler(network, settings);
  }

  take({ position, steps, given, symbols, previous, conditioning, logits }: SamplerSteps): void {
    const { network, settings } = this;
    const count = network.config.symbols;
    for (let step = 0; step < steps; step++) {
      if (conditioning !== undefined) this.condition(conditioning, position + step);
      network.step(previous[0] < 0 ? undefined : previous);
      settings.keys.forEach((key, stream) => {
        const at = stream * steps + step;
        if (logits !== undefined) logits.set(network.logits(stream), at * count);
        if (step >= given) {
          const uniform = new RandomStream(fold(key, position + step)).uniform();
          symbols[at] = drawSymbol(network.logits(stream), settings, uniform);
        }
        previous[stream] = symbols[at];
      });
    }
  }

  release(): void {
    // The garbage collector frees it.
  }

  /** Sets the conditioning of all streams at a position that begins a code. */
  private condition({ first, count, values }: ConditioningBlock, position: number): void {
    const code = Math.floor(position / this.settings.hop);
    if (code === this.code) return;
    this.code = code;
    const channels = this.network.config.conditioning!;
    this.settings.keys.forEach((_, stream) => {
      const start = (stream * count + code - first) * channels;
      this.network.setConditioning(stream, values.subarray(start, start + channels));
    });
  }
}
