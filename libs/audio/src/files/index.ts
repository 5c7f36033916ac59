export { audioSeconds, decodeAudioFile, mostHours, type DecodedAudio, type DecodeOptions } from './decode';
export { monoBlocks, type MonoOptions } from './mono';
export type { AudioBlock } from './format';
export { Resampler, concatenate, resample } from './resample';
export {
  audioFormatOf,
  encodeWav,
  isMarkedFile,
  openAudioWriter,
  writeWav,
  type AudioFormat,
  type AudioWriter,
  type AudioWriterOptions,
  type WavOptions,
} from './writing';
