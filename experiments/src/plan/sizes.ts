import type { CentredStackConfig, EncoderConfig } from '@fermata/autoencoder';
import type { QuantiserConfig } from '@fermata/quantisers';
import type { StackConfig, SymbolInputConfig, WaveNetConfig } from '@fermata/wavenet';

import type { ModelConfig } from '../model';

/** What a model has and does, from its config alone. */
export interface ModelSize {
  /** The number of scalars in the weights, as `parameterCount` says of the model itself. */
  readonly parameters: number;
  /**
   * Floating point operations of one timestep of the sequence modelled, on average: 2 per multiply-add of a matrix
   * product. Backward has twice as many as forward (the gradients of both factors), but for the search for the nearest
   * vector of a codebook, which has no gradient. Lookups and scalars that enter, activations, the optimiser and whatever
   * is computed twice are not counted. The residual projection of a stack's last layer, which nobody computes, is: it is
   * a part of the net as the literature draws it.
   */
  readonly flopsPerTimestep: { readonly forward: number; readonly total: number };
}

/** Counts the weights and the FLOPs of a model. */
export function sizeOf(model: ModelConfig): ModelSize {
  const { parameters, multiplyAdds, searched } = countModel(model);
  const forward = 2 * multiplyAdds;
  return {
    parameters,
    flopsPerTimestep: { forward: forward + 2 * searched, total: 3 * forward + 2 * searched },
  };
}

/** Channels of the queries and of the quantised queries, as the quantiser itself says. */
export function depthsOf(config: QuantiserConfig): { readonly query: number; readonly quantised: number } {
  const depth = {
    vq: () => (config as { depth: number }).depth,
    argmax: () => (config as { codes: number }).codes,
    fsq: () => (config as { levels: readonly number[] }).levels.length,
    continuous: () => (config as { depth: number }).depth,
  }[config.kind]();
  return { query: depth, quantised: depth };
}

interface Count {
  readonly parameters: number;
  /** Of products with a gradient, for each timestep of the sequence modelled. */
  readonly multiplyAdds: number;
  /** Of products without. */
  readonly searched: number;
}

function countModel(model: ModelConfig): Count {
  if (model.kind === 'wavenet') return countWaveNet(model.config);
  const { symbols, hop, encoder, quantiser, modulator, decoder } = model.config;
  const depths = depthsOf(quantiser);
  return sum([
    countEncoder({ ...encoder, symbols, hop, queryDepth: depths.query }),
    countQuantiser(quantiser, 1 / hop),
    countModulator({ ...modulator, depth: depths.quantised }, 1 / hop),
    countWaveNet({ ...decoder, symbols, conditioning: modulator.skip }, 1 / hop),
  ]);
}

/** @param codes timesteps of the conditioning for each of the sequence */
function countWaveNet(config: WaveNetConfig, codes = 1): Count {
  const { skip, head, symbols } = config;
  return sum([
    countInput(config),
    countStack(config, 1, codes),
    countDense(skip, head, 1),
    countDense(head, symbols, 1),
  ]);
}

function countEncoder(config: EncoderConfig & { symbols: number; hop: number; queryDepth: number }): Count {
  const { hop, channels, skip, queryDepth, downsampling = 'output' } = config;
  const codes = 1 / hop;
  const early = downsampling === 'input';
  const rate = early ? codes : 1;
  return sum([
    countInput(config),
    ...(early ? [countDense(hop * channels, channels, codes)] : []),
    countStack({ ...config, width: 3 }, rate),
    countDense(skip, skip, rate),
    countDense(skip, queryDepth, codes),
  ]);
}

function countModulator(config: CentredStackConfig & { depth: number }, rate: number): Count {
  const { depth, channels } = config;
  return sum([countDense(depth, channels, rate), countStack({ ...config, width: 3 }, rate)]);
}

function countQuantiser(config: QuantiserConfig, rate: number): Count {
  if (config.kind !== 'vq') return nothing;
  const { codes, depth, codebook } = config;
  return {
    parameters: codebook === 'gradient' ? codes * depth : 0,
    multiplyAdds: 0,
    searched: codes * depth * rate,
  };
}

function countInput({ symbols, input, channels }: SymbolInputConfig): Count {
  return { ...nothing, parameters: input === 'one-hot' ? symbols * channels : 2 * channels };
}

function countStack(config: Omit<StackConfig, 'padding'>, rate: number, conditioningRate = 1): Count {
  const { dilations, width, channels, gate, skip, conditioning } = config;
  const residual = countDense(gate, channels, rate);
  const layer = sum([
    countDense(width * channels, 2 * gate, rate),
    residual,
    countDense(gate, skip, rate),
    ...(conditioning === undefined ? [] : [withoutBias(conditioning, 2 * gate, conditioningRate)]),
  ]);
  return sum([...dilations.map(() => layer), { ...nothing, parameters: -residual.parameters }]);
}

function countDense(inputs: number, outputs: number, rate: number): Count {
  return sum([withoutBias(inputs, outputs, rate), { ...nothing, parameters: outputs }]);
}

function withoutBias(inputs: number, outputs: number, rate: number): Count {
  return { parameters: inputs * outputs, multiplyAdds: inputs * outputs * rate, searched: 0 };
}

const nothing: Count = { parameters: 0, multiplyAdds: 0, searched: 0 };

function sum(counts: readonly Count[]): Count {
  return counts.reduce((total, each) => ({
    parameters: total.parameters + each.parameters,
    multiplyAdds: total.multiplyAdds + each.multiplyAdds,
    searched: total.searched + each.searched,
  }));
}
