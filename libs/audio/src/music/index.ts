export { builtInCorpus, type BuiltInCorpusOptions } from './corpus';
export { readMidi, type MidiPerformance } from './midi/readMidi';
export { performanceLength, type Note, type PedalPress, type Performance } from './performance';
export { Piano, pianoRate } from './piano';
