export { audioSeconds, decodeAudioFile, loadWaveform, type DecodedAudio, type DecodeOptions } from './decode';
export type { AudioBlock } from './format';
export { resample } from './resample';
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
