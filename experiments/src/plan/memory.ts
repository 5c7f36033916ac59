import type { AutoencoderConfig } from '@fermata/autoencoder';
import type { StackConfig, WaveNetConfig } from '@fermata/wavenet';

import type { ModelConfig } from '../model';
import type { Budget } from '../scales';
import { depthsOf, sizeOf } from './sizes';

/** What a training step holds at most on the backend `native`, in bytes. */
export interface StepMemory {
  /** Weights, their gradients, Adam's two moments and the Polyak average. */
  readonly weights: number;
  /** What stacks keep for their backward pass: for each layer and timestep the gate's two factors and the residual output. */
  readonly saved: number;
  /** What passes between operations, of every one its value and its gradient: the tape keeps both to the end of the step. */
  readonly activations: number;
  /**
   * All of these. Not in it: the program itself with its runtime and libraries, the memory that operations compute in,
   * which grows with threads and widths but not with the batch, and what awaits the garbage collector.
   */
  readonly total: number;
}

const bytesPerValue = 4;
/** w, ∂w, m, v and the average. */
const copiesOfWeights = 5;

/** Predicts the memory of a training step, from configs alone. */
export function memoryOf(model: ModelConfig, { batchSize, cropLength }: Budget): StepMemory {
  const timesteps = batchSize * cropLength;
  const { saved, passed } =
    model.kind === 'wavenet' ? waveNetValues(model.config) : autoencoderValues(model.config);
  const weights = bytesPerValue * copiesOfWeights * sizeOf(model).parameters;
  const savedBytes = bytesPerValue * timesteps * saved;
  // The symbols have no gradient.
  const activations = bytesPerValue * timesteps * (2 * passed + 1);
  return { weights, saved: savedBytes, activations, total: weights + savedBytes + activations };
}

/** Values for each timestep of the sequence modelled. */
interface Values {
  readonly saved: number;
  readonly passed: number;
}

// What enters the stack, the sum of its skips, and the NLL.
function waveNetValues(config: Omit<WaveNetConfig, 'symbols' | 'conditioning'>): Values {
  return { saved: savedBy(config), passed: config.channels + config.skip + 1 };
}

function autoencoderValues({ hop, encoder, quantiser, modulator, decoder }: AutoencoderConfig): Values {
  const { query, quantised } = depthsOf(quantiser);
  const early = encoder.downsampling === 'input';
  const rate = early ? 1 / hop : 1;
  const local = waveNetValues(decoder);
  return {
    saved: rate * savedBy(encoder) + savedBy(modulator) / hop + local.saved,
    passed:
      encoder.channels +
      (early ? encoder.channels / hop : 0) +
      // The sum of the skips, ReLU, dense, ReLU,
      4 * rate * encoder.skip +
      // the mean over the hop where there is one, the query, what became of it and its distance from that,
      ((early ? 0 : encoder.skip) + query + 2 * quantised) / hop +
      // and the modulator's input and output.
      (modulator.channels + modulator.skip) / hop +
      local.passed,
  };
}

// The last layer's residual output is nobody's. Channels are padded to whole cache lines.
function savedBy({
  dilations,
  channels,
  gate,
}: Pick<StackConfig, 'dilations' | 'channels' | 'gate'>): number {
  return dilations.length * (2 * padded(gate) + padded(channels)) - padded(channels);
}

function padded(channels: number): number {
  return Math.ceil(channels / 16) * 16;
}
