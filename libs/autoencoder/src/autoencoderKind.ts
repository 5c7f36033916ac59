import { denseCost, sizeOfCost, sumCosts, type Cost, type ModelKind, type StepValues } from '@fermata/models';
import { describeQuantiser, type QuantiserFacts } from '@fermata/quantisers';
import {
  receptiveField,
  stackCost,
  stackValues,
  symbolInputCost,
  waveNetCost,
  waveNetValues,
  type StackSizes,
} from '@fermata/wavenet';

import { autoencoderContext, DiscreteAutoencoder } from './discreteAutoencoder';
import { encoderReceptiveField } from './encoder';
import { autoencoderSettings, type AutoencoderConfig } from './settings';

/** The autoregressive discrete autoencoder of section 3, with any bottleneck. */
export const autoencoderKind: ModelKind<AutoencoderConfig> = {
  name: 'autoencoder',
  settings: autoencoderSettings,
  fixed: ['symbols', 'hop', 'quantiser.kind'],
  create: (config, key) => new DiscreteAutoencoder(config, key),
  describe(config) {
    const { symbols, hop, encoder, quantiser, decoder } = config;
    const bottleneck = describeQuantiser(quantiser);
    return {
      ...sizeOfCost(autoencoderCost(config, bottleneck)),
      symbols,
      hop,
      codebookSize: bottleneck.codebookSize,
      isPrior: false,
      isLevel: true,
      context: autoencoderContext(config),
      receptiveField: receptiveField({ ...decoder, padding: 'causal' }).total,
      encoderReceptiveField: encoderReceptiveField({ ...encoder, hop }).total,
      values: autoencoderValues(config, bottleneck),
    };
  },
};

function autoencoderCost(config: AutoencoderConfig, bottleneck: QuantiserFacts): Cost {
  const { symbols, hop, modulator, decoder } = config;
  const { parameters, multiplyAdds, searched } = bottleneck.cost;
  return sumCosts([
    encoderCost(config, bottleneck.queryDepth),
    { parameters, multiplyAdds: multiplyAdds / hop, searched: searched / hop },
    modulatorCost(modulator, bottleneck.depth, 1 / hop),
    waveNetCost({ ...decoder, symbols, conditioning: modulator.skip }, 1 / hop),
  ]);
}

function encoderCost({ symbols, hop, encoder }: AutoencoderConfig, queryDepth: number): Cost {
  const { channels, skip, downsampling } = encoder;
  const codes = 1 / hop;
  const early = downsampling === 'input';
  const rate = early ? codes : 1;
  return sumCosts([
    symbolInputCost({ ...encoder, symbols }),
    ...(early ? [denseCost(hop * channels, channels, codes)] : []),
    stackCost({ ...encoder, width: 3 }, rate),
    denseCost(skip, skip, rate),
    denseCost(skip, queryDepth, codes),
  ]);
}

function modulatorCost(sizes: StackSizes, depth: number, rate: number): Cost {
  return sumCosts([denseCost(depth, sizes.channels, rate), stackCost({ ...sizes, width: 3 }, rate)]);
}

function autoencoderValues(config: AutoencoderConfig, { queryDepth, depth }: QuantiserFacts): StepValues {
  const { hop, encoder, modulator, decoder } = config;
  const early = encoder.downsampling === 'input';
  const rate = early ? 1 / hop : 1;
  const local = waveNetValues(decoder);
  return {
    saved: rate * stackValues(encoder) + stackValues(modulator) / hop + local.saved,
    passed:
      encoder.channels +
      (early ? encoder.channels / hop : 0) +
      // The sum of the skips, ReLU, dense, ReLU,
      4 * rate * encoder.skip +
      // the mean over the hop (unless early), the query, its quantised form and their distance,
      ((early ? 0 : encoder.skip) + queryDepth + 2 * depth) / hop +
      // and the modulator's input and output.
      (modulator.channels + modulator.skip) / hop +
      local.passed,
    largest: Math.max(rate * stackValues(encoder), encoder.channels, rate * encoder.skip, local.largest),
  };
}
