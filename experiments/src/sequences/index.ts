export {
  levelsBelow,
  levelsOf,
  samplesPerSymbol,
  sequenceBits,
  sequenceOf,
  sequenceTitle,
  symbolName,
  type SequenceFacts,
} from './sequence';
export { scoringOf, type Scoring } from './scoring';
export { lengthsNeeded, type PieceLengths } from './lengths';
