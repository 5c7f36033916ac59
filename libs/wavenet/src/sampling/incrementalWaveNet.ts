import type { WeightFormat } from '@fermata/kernels';
import { assertInteger } from '@fermata/tensor';

import type { WaveNetConfig } from '../settings';
import type { WaveNet } from '../waveNet';
import { AffineMap, paddedSize } from './affineMap';
import { assertSymbol } from './assertSymbol';
import { readWeights, type LayerWeights, type WaveNetWeights } from './waveNetWeights';

/**
 * A WaveNet that runs one timestep at a time. Each layer keeps the inputs that its taps read again, so that a step
 * costs one column of the parallel computation (Paine et al., 2016, "Fast Wavenet Generation Algorithm"). Any number of
 * independent streams run side by side; the results of one do not depend on the others, not even in the last bit.
 *
 * It runs on typed arrays with a copy of the weights from its creation, and agrees with `WaveNet.logits` to rounding.
 */
export class IncrementalWaveNet {
  /** Steps taken so far: the position of the next step. */
  private position = 0;
  private readonly states: readonly StreamState[];
  private readonly scratch: Scratch;

  private constructor(
    readonly config: WaveNetConfig,
    streams: number,
    private readonly weights: PackedWeights,
  ) {
    this.states = Array.from({ length: streams }, () => new StreamState(config, weights));
    this.scratch = new Scratch(config);
  }

  /**
   * Copies the weights of a model from any backend.
   *
   * @throws RangeError unless there is at least one stream
   */
  static async create(
    model: WaveNet,
    streams: number,
    weights: WeightFormat = 'fp32',
  ): Promise<IncrementalWaveNet> {
    assertInteger(streams, 1, 'streams');
    const packed = pack(await readWeights(model), model.config, weights);
    return new IncrementalWaveNet(model.config, streams, packed);
  }

  /** The number of streams. */
  get streams(): number {
    return this.states.length;
  }

  /**
   * Sets the conditioning of a stream for the next steps, once per code.
   *
   * @param vector `[conditioning]`
   * @throws RangeError if the size is not the configured one
   */
  setConditioning(stream: number, vector: Float32Array): void {
    const { conditioning = 0 } = this.config;
    if (vector.length !== conditioning) {
      throw new RangeError(`conditioning has ${vector.length} channels, not ${conditioning}`);
    }
    const { biases } = this.states[stream];
    this.weights.layers.forEach(({ conditioning: projection }, index) => {
      projection?.apply(vector, biases[index]);
    });
  }

  /**
   * Takes one step in every stream.
   *
   * @param previous symbol before this step in each stream; undefined before the first symbol
   * @throws RangeError for an invalid symbol
   */
  step(previous: ArrayLike<number> | undefined): void {
    const { symbols, channels } = this.config;
    for (let stream = 0; stream < this.streams; stream++) {
      const symbol = previous?.[stream];
      if (previous !== undefined) assertSymbol(symbol, symbols, stream);
      const { hidden, skips } = this.states[stream];
      hidden.fill(0);
      skips.fill(0);
      if (symbol !== undefined) {
        hidden.set(this.weights.table.subarray(symbol * channels, (symbol + 1) * channels));
      }
    }
    // Goes layer by layer, so that the weights of a layer stay in the cache for all streams.
    this.weights.layers.forEach((layer, index) => {
      for (const state of this.states) this.applyLayer(layer, state, index);
    });
    this.position++;
  }

  /**
   * Computes the unnormalised log-probabilities of the symbol at the position of the last step.
   *
   * @returns `[symbols]`, overwritten by the next call
   */
  logits(stream: number): Float32Array {
    const { rectified, hiddenUnits, logits } = this.scratch;
    rectify(this.states[stream].skips, rectified);
    this.weights.hidden.apply(rectified, hiddenUnits);
    rectify(hiddenUnits, hiddenUnits);
    this.weights.logits.apply(hiddenUnits, logits);
    return logits.subarray(0, this.config.symbols);
  }

  // Computes the same as gatedResidualLayer of libs/tensor, for one timestep.
  private applyLayer(
    layer: PackedLayer,
    { queues, biases, hidden, skips }: StreamState,
    index: number,
  ): void {
    const { width, channels, gate, skip } = this.config;
    const { taps, activations, gated, mixed } = this.scratch;
    const queue = queues[index];
    const dilation = this.config.dilations[index];
    const span = (width - 1) * dilation;
    for (let tap = 0; tap < width - 1; tap++) {
      // The slot of a timestep is its position modulo the span, so the present replaces the oldest tap.
      const slot = ((this.position + tap * dilation) % span) * channels;
      for (let i = 0; i < channels; i++) taps[tap * channels + i] = queue[slot + i];
    }
    const present = (this.position % span) * channels;
    for (let i = 0; i < channels; i++) {
      taps[(width - 1) * channels + i] = hidden[i];
      queue[present + i] = hidden[i];
    }
    layer.convolution.apply(taps, activations, biases[index]);
    for (let i = 0; i < gate; i++) gated[i] = tanhSigmoid(activations[i], activations[gate + i]);
    layer.mix.apply(gated, mixed);
    for (let i = 0; i < skip; i++) skips[i] += mixed[i];
    if (!layer.last) for (let i = 0; i < channels; i++) hidden[i] += mixed[skip + i];
  }
}

/** State of a stream. */
class StreamState {
  /** Inputs that each layer's taps read, `[span, channels]`, used as a ring. */
  readonly queues: readonly Float32Array[];
  /** Sum of the bias and the projected conditioning, added before the gate of each layer. */
  readonly biases: readonly Float32Array[];
  /** The residual stream of this step. */
  readonly hidden: Float32Array;
  /** The sum of the skip outputs of this step. */
  readonly skips: Float32Array;

  constructor({ dilations, width, channels, skip }: WaveNetConfig, { layers }: PackedWeights) {
    this.queues = dilations.map((dilation) => new Float32Array((width - 1) * dilation * channels));
    this.biases = layers.map(({ convolution }) => Float32Array.from(convolution.bias));
    this.hidden = new Float32Array(channels);
    this.skips = new Float32Array(skip);
  }
}

/** Vectors shared by every layer of every stream. */
class Scratch {
  readonly taps: Float32Array;
  readonly activations: Float32Array;
  readonly gated: Float32Array;
  readonly mixed: Float32Array;
  readonly rectified: Float32Array;
  readonly hiddenUnits: Float32Array;
  readonly logits: Float32Array;

  constructor({ width, channels, gate, skip, head, symbols }: WaveNetConfig) {
    this.taps = new Float32Array(width * channels);
    this.activations = new Float32Array(paddedSize(2 * gate));
    this.gated = new Float32Array(gate);
    this.mixed = new Float32Array(paddedSize(skip + channels));
    this.rectified = new Float32Array(skip);
    this.hiddenUnits = new Float32Array(paddedSize(head));
    this.logits = new Float32Array(paddedSize(symbols));
  }
}

interface PackedLayer {
  /** Map from all taps to both halves of the gate. */
  readonly convolution: AffineMap;
  /** Map from the conditioning to both halves of the gate, including the bias of the convolution. */
  readonly conditioning: AffineMap | undefined;
  /** Map from the gated units to the skip output and, except in the last layer, the residual output. */
  readonly mix: AffineMap;
  readonly last: boolean;
}

interface PackedWeights {
  /** `[symbols, channels]` */
  readonly table: Float32Array;
  readonly layers: readonly PackedLayer[];
  readonly hidden: AffineMap;
  readonly logits: AffineMap;
}

function pack(
  { table, layers, head }: WaveNetWeights,
  config: WaveNetConfig,
  format: WeightFormat,
): PackedWeights {
  const { hiddenKernel, hiddenBias, logitsKernel, logitsBias } = head;
  return {
    table: Float32Array.from(table),
    layers: layers.map((layer) => packLayer(layer, config, format)),
    hidden: new AffineMap(config.skip, [hiddenKernel], [hiddenBias], format),
    logits: new AffineMap(config.head, [logitsKernel], [logitsBias], format),
  };
}

function packLayer(layer: LayerWeights, config: WaveNetConfig, format: WeightFormat): PackedLayer {
  const { width, channels, gate, conditioning } = config;
  const { kernel, bias, residualKernel, residualBias, skipKernel, skipBias, conditioningKernel } = layer;
  return {
    convolution: new AffineMap(width * channels, [kernel], [bias], format, channels),
    // Runs only once per code, so it keeps all bits.
    conditioning: conditioningKernel ? new AffineMap(conditioning!, [conditioningKernel], [bias]) : undefined,
    mix: new AffineMap(
      gate,
      residualKernel ? [skipKernel, residualKernel] : [skipKernel],
      residualBias ? [skipBias, residualBias] : [skipBias],
      format,
    ),
    last: residualKernel === null,
  };
}

/** Computes tanh(a) · σ(b) with two exponentials and one division. NaN stays NaN. */
function tanhSigmoid(a: number, b: number): number {
  // Beyond ±20 tanh is ±1 to the last bit, and the exponential could overflow.
  const power = Math.exp(-2 * Math.min(Math.max(a, -20), 20));
  return (1 - power) / ((1 + power) * (1 + Math.exp(-b)));
}

function rectify(x: Float32Array, result: Float32Array): void {
  // Math.max would lose a NaN.
  for (let i = 0; i < result.length; i++) result[i] = x[i] < 0 ? 0 : x[i];
}
