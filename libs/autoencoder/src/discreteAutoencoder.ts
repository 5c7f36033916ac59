import { fold, parseSettings, type RandomKey } from '@fermata/core';
import type { Context, DrawSettings, Level, Model, ModelLoss, NllOptions } from '@fermata/models';
import { createQuantiser, type Quantiser } from '@fermata/quantisers';
import { assertShape, Module } from '@fermata/tensor';
import { receptiveField, WaveNet } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import { Encoder, encoderReceptiveField, Modulator } from './encoder';
import { encodeChunks, encodeSequence } from './encodeSequence';
import { reconstructChunks, reconstructSequenceChunks } from './reconstruct';
import { autoencoderSettings, type AutoencoderConfig } from './settings';

/**
 * The autoregressive discrete autoencoder (ADA) of section 3 and figure 1:
 *
 *   x → encoder → q → quantiser → q' → modulator → conditioning of the local model → p(x_t | x_<t, q')
 *
 * The indices of the quantised queries are the codes y.
 */
export class DiscreteAutoencoder extends Module implements Model {
  readonly config: AutoencoderConfig;
  readonly hop: number;
  /** Size of the alphabet of the sequence. */
  readonly symbols: number;
  /** Size k of the alphabet of the codes; null for a continuous bottleneck. */
  readonly codebookSize: number | null;
  readonly encoder: Encoder;
  readonly quantiser: Quantiser;
  readonly modulator: Modulator;
  readonly localModel: WaveNet;
  /**
   * Most timesteps before and after a symbol that its NLL depends on. In a window that starts at a multiple of the hop,
   * a symbol with this context has exactly the same NLL as in the whole sequence.
   */
  readonly context: Context;

  /** @throws UserError that names the setting, the value and the broken rule */
  constructor(settings: AutoencoderConfig, key: RandomKey) {
    super();
    const config = parseSettings(autoencoderSettings, settings, 'autoencoder');
    this.config = config;
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
    this.codebookSize = this.quantiser.codebookSize;
    this.context = autoencoderContext(config);
  }

  /**
   * Computes the queries of symbols.
   *
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @returns q `[batch, time / hop, queryDepth]`
   * @throws RangeError if time is not a multiple of the hop
   */
  query(symbols: tf.Tensor2D): tf.Tensor3D {
    this.assertHops(symbols);
    return this.encoder.apply(symbols);
  }

  /**
   * Encodes symbols.
   *
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @returns y, int32 `[batch, time / hop]`
   * @throws RangeError if time is not a multiple of the hop, or if the bottleneck is continuous
   */
  encode(symbols: tf.Tensor2D): tf.Tensor2D {
    if (this.codebookSize === null) {
      throw new RangeError("an autoencoder with a quantiser 'continuous' has no codes to encode to");
    }
    return tf.tidy(() => this.quantiser.quantise(this.query(symbols)).codes);
  }

  /**
   * Computes the conditioning of the local model from codes.
   *
   * @param codes y, int32 `[batch, codes]`
   * @returns `[batch, codes, modulator.skip]`
   */
  conditioning(codes: tf.Tensor2D): tf.Tensor3D {
    return tf.tidy(() => this.modulator.apply(this.quantiser.lookup(codes)));
  }

  /**
   * Computes the conditioning of the local model for a sequence through the bottleneck, discrete or continuous.
   *
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @returns `[batch, time / hop, modulator.skip]`
   * @throws RangeError if time is not a multiple of the hop
   */
  encodedConditioning(symbols: tf.Tensor2D): tf.Tensor3D {
    return tf.tidy(() => this.modulator.apply(this.quantiser.quantise(this.query(symbols)).quantised));
  }

  /**
   * Computes the unnormalised log-probabilities of each symbol given the previous ones and all codes.
   *
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @param options.codes y, int32 `[batch, time / hop]`; if absent, the codes of `symbols`
   * @returns `[batch, time, symbols]`
   * @throws RangeError for codes of another shape, and if time is not a multiple of the hop
   */
  logits(symbols: tf.Tensor2D, options: Pick<NllOptions, 'codes'> = {}): tf.Tensor3D {
    return tf.tidy(() => this.localModel.logits(symbols, this.conditioningOf(symbols, options)));
  }

  /**
   * Computes the negative log-likelihood of each symbol given the previous ones and all codes, −log p(x_t x_<t, q'), in
   * nats.
   *
   * @param symbols x, int32 `[batch, time]`; time is a multiple of the hop
   * @param options.codes y, int32 `[batch, time / hop]`; if absent, the codes of `symbols`
   * @param options.past int32 `[batch, time]`: replaces the past of the local model, for example by the symbols in
   *   another order, to measure its use of the past; `symbols` if absent. The codes stay those of `symbols`
   * @returns `[batch, time]`
   * @throws RangeError for codes of another shape, and if time is not a multiple of the hop
   */
  nll(symbols: tf.Tensor2D, { past, ...options }: NllOptions = {}): tf.Tensor2D {
    return tf.tidy(() =>
      this.localModel.nll(symbols, { conditioning: this.conditioningOf(symbols, options), past }),
    );
  }

  /**
   * Computes the loss to minimise (equations 1 and 2): the NLL, a mean over batch and time, plus the losses of the
   * quantiser.
   *
   * @param batch x, int32 `[batch, time]`; time is a multiple of the hop
   * @returns metrics: `nll`, the quantiser's losses and its metrics; statistics for `update`
   * @throws RangeError if time is not a multiple of the hop
   */
  loss(batch: tf.Tensor2D): ModelLoss & { readonly statistics: tf.NamedTensorMap } {
    return tf.tidy(() => {
      const { quantised, losses, metrics, statistics } = this.quantiser.quantise(this.query(batch));
      const conditioning = this.modulator.apply(quantised);
      const nll = tf.mean<tf.Scalar>(this.localModel.nll(batch, { conditioning }));
      const loss = Object.values(losses).reduce((sum, term) => tf.add(sum, term), nll);
      return { loss, metrics: { nll, ...losses, ...metrics }, statistics };
    });
  }

  /** Updates the quantiser from the statistics of a batch, after the step of the optimiser. */
  update(statistics: tf.NamedTensorMap, key: RandomKey): void {
    this.quantiser.update(statistics, key);
  }

  /**
   * Initialises the quantiser from the queries of a batch, once, before the first step.
   *
   * @param batch x, int32 `[batch, time]`; time is a multiple of the hop
   */
  initialise(batch: tf.Tensor2D, key: RandomKey): void {
    tf.tidy(() => {
      this.quantiser.initialise(this.query(batch), key);
    });
  }

  /**
   * Creates a level from the autoencoder.
   *
   * @param settings settings of this level, in place of those for all levels: a temperature for codes need not suit
   *   audio
   */
  asLevel(settings: DrawSettings = {}): Level {
    return {
      hop: this.hop,
      symbols: this.symbols,
      codebookSize: this.codebookSize,
      encode: (sequence, options) => encodeSequence(this, sequence, options),
      encodeChunks: (symbols, options) => encodeChunks(this, symbols, options),
      decode: (codes, length, options) =>
        reconstructChunks({ ...options, ...settings, model: this, codes, length }),
      reconstruct: (symbols, length, options) =>
        reconstructSequenceChunks({ ...options, ...settings, model: this, symbols, length }),
    };
  }

  private conditioningOf(symbols: tf.Tensor2D, { codes }: Pick<NllOptions, 'codes'>): tf.Tensor3D {
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
 * Most timesteps before and after a symbol that its NLL depends on, for an autoencoder of these sizes
 * (`DiscreteAutoencoder.context`): from the symbol through the local model to the far end of the modulator's field in
 * codes, then to the far end of the encoder's field in symbols.
 */
export function autoencoderContext({ hop, encoder, modulator, decoder }: AutoencoderConfig): {
  past: number;
  future: number;
} {
  const { dilations, width } = decoder;
  const local = receptiveField({ dilations, width, padding: 'causal' }).total;
  const code = receptiveField({ dilations: modulator.dilations, width: 3, padding: 'centred' });
  const query = encoderReceptiveField({ ...encoder, hop });
  // Conditioning enters after the first convolution.
  const reach = local - 1 - (width - 1) * dilations[0];
  const past = hop - 1 + code.past * hop + query.past;
  return { past: Math.max(local, reach + past), future: code.future * hop + query.future };
}
