export {
  audioFormatOf,
  decodeAudioFile,
  encodeWav,
  isMarkedFile,
  monoBlocks,
  openAudioWriter,
  writeWav,
  type AudioBlock,
  type AudioFormat,
  type AudioWriter,
  type AudioWriterOptions,
  type DecodedAudio,
  type DecodeOptions,
  type MonoOptions,
  type WavOptions,
} from './files';
export { ingest, isAudioName, type IngestOptions } from './ingest';
export { decodeMuLaw, encodeMuLaw } from './mulaw';
export {
  builtInCorpus,
  Piano,
  pianoRate,
  readMidi,
  type MidiPerformance,
  type BuiltInCorpusOptions,
  type Note,
  type PedalPress,
  type Performance,
} from './music';
export {
  loadCodes,
  RecordingReader,
  type Codes,
  type CodesOptions,
  type Measured,
  type ReaderOptions,
} from './recordings';
export { PowerFrames, powerSpectrogram, type PowerSpectrogram } from './spectrum/stft';
