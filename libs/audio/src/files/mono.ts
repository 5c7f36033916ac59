import { decodeBlocks, type DecodeOptions } from './decode';
import type { AudioBlock } from './format';
import { LevelMeter } from './levels';
import { Resampler } from './resample';

export interface MonoOptions extends DecodeOptions {
  /** Called with each remark on the recording, a sentence without its name and without a full stop. */
  readonly onNote?: ((note: string) => void) | undefined;
  /** Called where the blocks so far do not count: the recording is read anew. */
  readonly onRestart?: (() => void) | undefined;
}

/**
 * Reads a recording as input for models: the mean of its channels at a given sample rate, at its own level, block by
 * block. If the channels cancel each other out, the first channel is read in place of their mean.
 *
 * @param sampleRate in Hz
 * @returns blocks of samples `[time]`, full scale at ±1
 * @throws UserError as `decodeBlocks` does, and if nothing in the recording rises above −80 dBFS
 */
export async function* monoBlocks(
  path: string,
  sampleRate: number,
  options: MonoOptions = {},
): AsyncGenerator<Float32Array> {
  const meter = yield* mixed(path, sampleRate, options, mean);
  meter.assertAudible();
  for (const note of meter.notes()) options.onNote?.(note);
  if (!meter.cancels) return;
  options.onNote?.('its channels cancel each other out (antiphase): the first channel is used');
  options.onRestart?.();
  yield* mixed(path, sampleRate, options, ([first]) => first);
}

async function* mixed(
  path: string,
  sampleRate: number,
  options: DecodeOptions,
  mix: (channels: AudioBlock['channels']) => Float32Array,
): AsyncGenerator<Float32Array, LevelMeter> {
  const meter = new LevelMeter(path);
  let resampler: Resampler | undefined;
  for await (const block of decodeBlocks(path, options)) {
    const mono = mix(block.channels);
    meter.add(block, mono);
    resampler ??= new Resampler(block.sampleRate, sampleRate);
    yield resampler.push(mono);
  }
  if (resampler !== undefined) yield resampler.end();
  return meter;
}

function mean(channels: AudioBlock['channels']): Float32Array {
  if (channels.length === 1) return channels[0];
  const mono = new Float32Array(channels[0].length);
  for (const samples of channels) for (let t = 0; t < mono.length; t++) mono[t] += samples[t];
  for (let t = 0; t < mono.length; t++) mono[t] /= channels.length;
  return mono;
}
