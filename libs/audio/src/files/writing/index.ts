export { audioFormatOf, type AudioFormat } from './format';
export { isMarkedFile } from './mark';
export { encodeWav, writeWav, type WavOptions } from './wav';
export { openAudioWriter, type AudioWriter, type AudioWriterOptions } from './writer';
