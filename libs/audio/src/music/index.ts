export { builtInCorpus, type BuiltInCorpusOptions } from './corpus';
export { readMidi } from './midi';
export { performanceLength, type Note, type PedalPress, type Performance } from './performance';
export { Piano, pianoRate } from './piano';
