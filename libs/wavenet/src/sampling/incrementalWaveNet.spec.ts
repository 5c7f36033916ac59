import { normals, RandomStream, randomKey, fold } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectClose, randomiseWeights } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { WaveNet } from '../waveNet';
import type { WaveNetConfig } from '../settings';
import { IncrementalWaveNet } from './incrementalWaveNet';

// No size is a multiple of another, so that a wrong index shows.
const base: WaveNetConfig = {
  symbols: 11,
  input: 'one-hot',
  dilations: [1, 2, 4, 1, 2],
  width: 2,
  channels: 6,
  gate: 5,
  skip: 9,
  head: 13,
};
const streams = 3;
const time = 48;
const hop = 4;

function randomModel(change: Partial<WaveNetConfig>): WaveNet {
  const model = new WaveNet({ ...base, ...change }, randomKey('model'));
  randomiseWeights(model, randomKey('weights'));
  return model;
}

/** Logits of the incremental network while it is fed the symbols, `[streams, time, symbols]`. */
async function incrementalLogits(
  model: WaveNet,
  symbols: Int32Array,
  conditioning?: Float32Array,
): Promise<Float32Array> {
  const network = await IncrementalWaveNet.create(model, streams);
  const { symbols: count, conditioning: channels = 0 } = model.config;
  const logits = new Float32Array(streams * time * count);
  for (let t = 0; t < time; t++) {
    const all = Array.from({ length: streams }, (_, stream) => stream);
    if (conditioning !== undefined && t % hop === 0) {
      for (const stream of all) {
        const start = (stream * (time / hop) + t / hop) * channels;
        network.setConditioning(stream, conditioning.subarray(start, start + channels));
      }
    }
    network.step(t === 0 ? undefined : all.map((stream) => symbols[stream * time + t - 1]));
    for (const stream of all) logits.set(network.logits(stream), (stream * time + t) * count);
  }
  return logits;
}

describe('IncrementalWaveNet', () => {
  const stream = new RandomStream(randomKey('symbols'));
  const symbols = Int32Array.from({ length: streams * time }, () => stream.integer(11));
  const codes = normals(fold(randomKey('codes'), 0), (streams * time * 3) / hop);

  describe.each(['cpu', 'wasm'])('on %s', (backend) => {
    beforeAll(() => selectBackend(backend));

    it.each<[string, Partial<WaveNetConfig>]>([
      ['one-hot, width 2', {}],
      ['one-hot, width 3', { width: 3 }],
      ['continuous, width 2', { input: 'continuous' }],
      ['continuous, width 3', { input: 'continuous', width: 3 }],
      ['one-hot, width 2, conditioned', { conditioning: 3 }],
      ['continuous, width 3, conditioned', { input: 'continuous', width: 3, conditioning: 3 }],
      ['a dilation longer than the sequence', { dilations: [1, 64] }],
      ['sizes that are multiples of eight', { channels: 8, gate: 16, skip: 8, head: 8, symbols: 16 }],
    ])('gives the logits of the parallel computation: %s', async (_, change) => {
      const model = randomModel(change);
      const conditioning = model.config.conditioning === undefined ? undefined : codes;
      const parallel = model.logits(
        tf.tensor2d(symbols, [streams, time], 'int32'),
        conditioning && tf.tensor3d(conditioning, [streams, time / hop, 3]),
      );
      const incremental = await incrementalLogits(model, symbols, conditioning);
      expect(time).toBeGreaterThan(change.dilations ? 0 : model.receptiveField);
      expectClose(incremental, parallel.dataSync(), 1e-4);
    });
  });

  it('gives a stream the same bits beside any others', async () => {
    const model = randomModel({});
    const together = await IncrementalWaveNet.create(model, 2);
    const alone = await IncrementalWaveNet.create(model, 1);
    for (let t = 0; t < 20; t++) {
      together.step([t % 11, (t * 7) % 11]);
      alone.step([(t * 7) % 11]);
      expect(together.logits(1)).toEqual(alone.logits(0));
    }
  });

  it('keeps the weights of its creation', async () => {
    const model = randomModel({});
    const [early, late] = [
      await IncrementalWaveNet.create(model, 1),
      await IncrementalWaveNet.create(model, 1),
    ];
    early.step(undefined);
    randomiseWeights(model, randomKey('others'));
    late.step(undefined);
    expect(late.logits(0)).toEqual(early.logits(0));
  });

  it('names invalid values', async () => {
    const model = randomModel({ conditioning: 3 });
    const network = await IncrementalWaveNet.create(model, 1);
    for (const symbol of [11, -1, 1.5, NaN]) {
      expect(() => { network.step([symbol]); }).toThrow(`stream 0 is fed ${symbol}, but symbols are 0 … 10`); // prettier-ignore
    }
    expect(() => { network.step([]); }).toThrow('stream 0 is fed undefined'); // prettier-ignore
    expect(() => { network.setConditioning(0, new Float32Array(2)); }).toThrow('conditioning has 2 channels, not 3'); // prettier-ignore
    await expect(IncrementalWaveNet.create(model, 0)).rejects.toThrow(
      'streams is 0, but must be an integer of at least 1',
    );
  });
});
