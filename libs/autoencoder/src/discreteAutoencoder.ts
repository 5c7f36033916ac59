import { fold, type RandomKey } from '@fermata/core';
import { createQuantiser, type Quantiser, type QuantiserConfig } from '@fermata/quantisers';
import { assertShape, Module } from '@fermata/tensor';
import { receptiveField, WaveNet, type WaveNetConfig } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import {
  Encoder,
  encoderReceptiveField,
  Modulator,
  type CentredStackConfig,
  type EncoderConfig,
} from './encoder';

/** An autoregressive discrete autoencoder in plain JSON. */
export interface AutoencoderConfig {
  /** Size of the alphabet of the sequence: 256 for mu-law audio and for the codes of a level below. */
  readonly symbols: number;
  /** h, the number of symbols for each code. */
  readonly hop: number;
  readonly encoder: EncoderConfig;
  readonly quantiser: QuantiserConfig;
  readonly modulator: CentredStackConfig;
  /** The local model, which is conditioned on the modulator. */
  readonly decoder: Omit<WaveNetConfig, 'symbols' | 'conditioning'>;
}

export interface CodesOption {
  /** y, int32 `[batch, time / hop]`: score with these codes, such as shuffled ones, instead of the symbols' own. */
  readonly codes?: tf.Tensor2D;
}

/**
 * The autoregressive discrete autoencoder (ADA) of section 3 and figure 1:
 *
 *   x → encoder → q → quantiser → q' → modulator → conditioning of the local model → p(x_t | x_<t, q')
 *
 * The indices of the quantised queries are the codes y.
 */
export class DiscreteAutoencoder extends Module {
  readonly hop: number;
  /** Size of the alphabet of the sequence. */
  readonly symbols: number;
  /** k, the size of the alphabet of the codes. */
  readonly codes: number;
  readonly encoder: Encoder;
  readonly quantiser: Quantiser;
  readonly modulator: Modulator;
  readonly localModel: WaveNet;
  /**
   * How many timesteps before and after a symbol its NLL depends on, at most. In a window that starts at a multiple of
   * the hop, a symbol with so many on each side has exactly the NLL that it has in the whole sequence.
   */
  readonly context: { readonly past: number; readonly future: number };

  /** @throws RangeError that prints the value and the rule it breaks */
  constructor(
    readonly config: AutoencoderConfig,
    key: RandomKey,
  ) {
    super();
    const { symbols, hop, encoder, quantiser, modulator, decoder } = config;
    this.quantiser = this.child('quantiser', createQuantiser(quantiser, fold(key, 'quantiser')));
    const { queryDepth, depth } = this.quantiser;
    this.encoder = this.child(
      'encoder',
      new Encoder({ ...encoder, symbols, hop, queryDepth }, fold(key, 'encoder')),
    );
    this.modulator = this.child('modulator', new Modulator({ ...modulator, depth }, fold(key, 'modulator')));
    this.localModel = this.child(
      'localModel',
      new WaveNet({ ...decoder, symbols, conditioning: modulator.skip }, fold(key, 'localModel')),
    );
    this.hop = hop;
    this.symbols = symbols;
    this.codes = this.quantiser.symbols;
    this.context = autoencoderContext(config);
  }

  /**
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @returns q `[batch, time / hop, queryDepth]`
   * @throws RangeError when time is not a multiple of the hop
   */
  query(symbols: tf.Tensor2D): tf.Tensor3D {
    this.assertHops(symbols);
    return this.encoder.apply(symbols);
  }

  /**
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @returns y, int32 `[batch, time / hop]`
   * @throws RangeError when time is not a multiple of the hop, and where the bottleneck is continuous
   */
  encode(symbols: tf.Tensor2D): tf.Tensor2D {
    if (!this.quantiser.isDiscrete) {
      throw new RangeError("an autoencoder with a quantiser 'continuous' has no codes to encode to");
    }
    return tf.tidy(() => this.quantiser.quantise(this.query(symbols)).codes);
  }

  /**
   * What the local model is conditioned on.
   *
   * @param codes y, int32 `[batch, codes]`
   * @returns `[batch, codes, modulator.skip]`
   */
  conditioning(codes: tf.Tensor2D): tf.Tensor3D {
    return tf.tidy(() => this.modulator.apply(this.quantiser.lookup(codes)));
  }

  /**
   * What the local model is conditioned on when a sequence goes through the bottleneck, be it discrete or continuous.
   *
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @returns `[batch, time / hop, modulator.skip]`
   * @throws RangeError when time is not a multiple of the hop
   */
  encodedConditioning(symbols: tf.Tensor2D): tf.Tensor3D {
    return tf.tidy(() => this.modulator.apply(this.quantiser.quantise(this.query(symbols)).quantised));
  }

  /**
   * The unnormalised log-probabilities of each symbol given those before it and all codes.
   *
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @param options.codes y, int32 `[batch, time / hop]`: those of `symbols` where absent
   * @returns `[batch, time, symbols]`
   * @throws RangeError for codes of another shape, and when time is not a multiple of the hop
   */
  logits(symbols: tf.Tensor2D, options: CodesOption = {}): tf.Tensor3D {
    return tf.tidy(() => this.localModel.logits(symbols, this.conditioningOf(symbols, options)));
  }

  /**
   * The negative log-likelihood of each symbol given those before it and all codes, −log p(x_t | x_<t, q'), in nats.
   *
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @param options.codes y, int32 `[batch, time / hop]`: those of `symbols` where absent
   * @param options.past int32 `[batch, time]`: what the local model takes for the past, such as the symbols in another
   *   order, which tells how much it needs it; `symbols` where absent. The codes stay those of `symbols`
   * @returns `[batch, time]`
   * @throws RangeError for codes of another shape, and when time is not a multiple of the hop
   */
  nll(
    symbols: tf.Tensor2D,
    { past, ...options }: CodesOption & { readonly past?: tf.Tensor2D } = {},
  ): tf.Tensor2D {
    return tf.tidy(() => this.localModel.nll(symbols, this.conditioningOf(symbols, options), past));
  }

  /**
   * What is minimised (equations 1 and 2): the NLL, a mean over batch and time, plus the losses of the quantiser.
   *
   * @param batch x, int32 `[batch, time]`; time is a multiple of the hop
   * @returns metrics: `nll`, the quantiser's losses and its metrics; statistics for `update`
   * @throws RangeError when time is not a multiple of the hop
   */
  loss(batch: tf.Tensor2D): {
    loss: tf.Scalar;
    metrics: Record<string, tf.Scalar>;
    statistics: tf.NamedTensorMap;
  } {
    return tf.tidy(() => {
      const { quantised, losses, metrics, statistics } = this.quantiser.quantise(this.query(batch));
      const nll = tf.mean<tf.Scalar>(this.localModel.nll(batch, this.modulator.apply(quantised)));
      const loss = Object.values(losses).reduce((sum, term) => tf.add(sum, term), nll);
      return { loss, metrics: { nll, ...losses, ...metrics }, statistics };
    });
  }

  /** Lets the quantiser learn from the statistics of a batch, after the step of the optimiser. */
  update(statistics: tf.NamedTensorMap, key: RandomKey): void {
    this.quantiser.update(statistics, key);
  }

  /**
   * Prepares the quantiser for queries such as those of a batch, once, before the first step.
   *
   * @param batch x, int32 `[batch, time]`; time is a multiple of the hop
   */
  initialise(batch: tf.Tensor2D, key: RandomKey): void {
    tf.tidy(() => {
      this.quantiser.initialise(this.query(batch), key);
    });
  }

  private conditioningOf(symbols: tf.Tensor2D, { codes }: CodesOption): tf.Tensor3D {
    if (codes === undefined) return this.encodedConditioning(symbols);
    this.assertHops(symbols);
    const [batch, time] = symbols.shape;
    assertShape(codes, [batch, time / this.hop], 'codes');
    return this.conditioning(codes);
  }

  private assertHops(symbols: tf.Tensor2D): void {
    assertShape(symbols, ['batch', 'time'], 'symbols');
    const time = symbols.shape[1];
    if (time % this.hop !== 0) {
      throw new RangeError(`there are ${time} timesteps, which is not a multiple of the hop ${this.hop}`);
    }
  }
}

/**
 * How many timesteps before and after a symbol its NLL under an autoencoder of these sizes depends on, at most
 * (`DiscreteAutoencoder.context`): from the symbol through the local model to the far end of the codes that the modulator
 * sees, then to that of the symbols which the encoder sees.
 */
export function autoencoderContext({ hop, encoder, modulator, decoder }: AutoencoderConfig): {
  past: number;
  future: number;
} {
  const { dilations, width } = decoder;
  const local = receptiveField({ dilations, width, padding: 'causal' }).total;
  const code = receptiveField({ dilations: modulator.dilations, width: 3, padding: 'centred' });
  const query = encoderReceptiveField({ ...encoder, hop });
  // Conditioning enters behind the first convolution.
  const reach = local - 1 - (width - 1) * dilations[0];
  const past = hop - 1 + code.past * hop + query.past;
  return { past: Math.max(local, reach + past), future: code.future * hop + query.future };
}
