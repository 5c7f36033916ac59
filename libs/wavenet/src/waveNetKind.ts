import {
  denseCost,
  free,
  productCost,
  sizeOfCost,
  sumCosts,
  type Cost,
  type ModelKind,
  type StepValues,
} from '@fermata/models';

import { receptiveField } from './receptiveField';
import { waveNetSettings, type StackSizes, type WaveNetConfig } from './settings';
import type { SymbolInputConfig } from './symbolInput';
import { WaveNet } from './waveNet';

/** The unconditional WaveNet: the model of #1.1 and #2.1, and the prior of every system. */
export const waveNetKind: ModelKind<WaveNetConfig> = {
  name: 'wavenet',
  settings: waveNetSettings,
  fixed: ['symbols', 'conditioning'],
  create: (config, key) => new WaveNet(config, key),
  describe(config) {
    const { total } = receptiveField({ ...config, padding: 'causal' });
    return {
      ...sizeOfCost(waveNetCost(config)),
      symbols: config.symbols,
      hop: 1,
      codebookSize: null,
      isPrior: true,
      isLevel: false,
      context: { past: total, future: 0 },
      receptiveField: total,
      encoderReceptiveField: null,
      values: waveNetValues(config),
    };
  },
};

/**
 * Computes the cost of a WaveNet. @param conditioningRate timesteps of the conditioning for each timestep of the
 * sequence
 */
export function waveNetCost(config: WaveNetConfig, conditioningRate = 1): Cost {
  const { skip, head, symbols } = config;
  return sumCosts([
    symbolInputCost(config),
    stackCost(config, 1, conditioningRate),
    denseCost(skip, head, 1),
    denseCost(head, symbols, 1),
  ]);
}

/** Computes the cost of the first map of a network; lookups and scalars do not count as work. */
export function symbolInputCost({ symbols, input, channels }: SymbolInputConfig): Cost {
  return { ...free, parameters: input === 'one-hot' ? symbols * channels : 2 * channels };
}

/**
 * Computes the cost of a stack of gated layers.
 *
 * @param rate timesteps of the stack for each timestep of the sequence modelled
 */
export function stackCost(
  config: StackSizes & { readonly width: number; readonly conditioning?: number },
  rate: number,
  conditioningRate = 1,
): Cost {
  const { dilations, width, channels, gate, skip, conditioning } = config;
  const residual = denseCost(gate, channels, rate);
  const layer = sumCosts([
    denseCost(width * channels, 2 * gate, rate),
    residual,
    denseCost(gate, skip, rate),
    ...(conditioning === undefined ? [] : [productCost(conditioning, 2 * gate, conditioningRate)]),
  ]);
  return sumCosts([...dilations.map(() => layer), { ...free, parameters: -residual.parameters }]);
}

/** Counts the values of a training step: the stack's, its input, the sum of its skips, and the NLL. */
export function waveNetValues(config: Pick<WaveNetConfig, keyof StackSizes>): StepValues {
  const { channels, skip } = config;
  const saved = stackValues(config);
  return { saved, passed: channels + skip + 1, largest: Math.max(saved, channels, skip) };
}

/**
 * Counts the values that a stack saves for each of its timesteps, without the last layer's residual output, which is
 * unused.
 */
export function stackValues({ dilations, channels, gate }: Omit<StackSizes, 'skip'>): number {
  return dilations.length * (2 * padded(gate) + padded(channels)) - padded(channels);
}

// The kernels pad channels to whole cache lines.
function padded(channels: number): number {
  return Math.ceil(channels / 16) * 16;
}
