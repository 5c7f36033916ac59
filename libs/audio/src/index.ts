export {
  audioFormatOf,
  decodeAudioFile,
  encodeWav,
  isMarkedFile,
  loadWaveform,
  openAudioWriter,
  writeWav,
  type AudioBlock,
  type AudioFormat,
  type AudioWriter,
  type AudioWriterOptions,
  type DecodedAudio,
  type DecodeOptions,
  type WavOptions,
} from './files';
export { ingest, isAudioName, type IngestOptions } from './ingest';
export { decodeMuLaw, encodeMuLaw } from './mulaw';
export {
  builtInCorpus,
  Piano,
  pianoRate,
  readMidi,
  type BuiltInCorpusOptions,
  type Note,
  type PedalPress,
  type Performance,
} from './music';
export { powerSpectrogram, type PowerSpectrogram } from './spectrum/stft';
