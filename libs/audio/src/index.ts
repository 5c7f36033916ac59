export {
  audioFormatOf,
  decodeAudioFile,
  encodeWav,
  loadWaveform,
  openAudioWriter,
  writeWav,
  type AudioBlock,
  type AudioFormat,
  type AudioWriter,
  type AudioWriterOptions,
  type DecodedAudio,
  type DecodeOptions,
} from './files';
export { ingest, type IngestOptions } from './ingest';
export { decodeMuLaw, encodeMuLaw } from './mulaw';
export { muLawBlocks } from './muLawBlocks';
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
export { PowerFrames, powerSpectrogram, type PowerSpectrogram } from './spectrum/stft';
