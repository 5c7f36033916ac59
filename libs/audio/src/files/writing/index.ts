export { audioFormatOf, type AudioFormat } from './format';
export { encodeWav, writeWav } from './wav';
export { openAudioWriter, type AudioWriter, type AudioWriterOptions } from './writer';
