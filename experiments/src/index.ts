export { audioFolder } from './folders';
export { runPaper, type PaperOptions } from './paper/paper';
export { scaleNamed, scaleNames, type Scale } from './scales';
