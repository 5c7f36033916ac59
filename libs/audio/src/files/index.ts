export {
  audioSeconds,
  decodeAudioFile,
  loadWaveform,
  waveformBlocks,
  type DecodedAudio,
  type DecodeOptions,
} from './decode';
export type { AudioBlock } from './format';
export { resample } from './resample';
export {
  audioFormatOf,
  encodeWav,
  openAudioWriter,
  writeWav,
  type AudioFormat,
  type AudioWriter,
  type AudioWriterOptions,
} from './writing';
