import type { Row } from '../row';
import { audioSymbols } from './base';

/** The unconditional WaveNet that the autoencoders are compared with. */
export const row: Row = {
  id: '1.1',
  title: 'WaveNet',
  sequence: 'audio',
  paper: { trainNll: 1.192, evalNll: 1.151, receptiveField: 6144 },
  model: (scale) => ({
    kind: 'wavenet',
    config: { symbols: audioSymbols, input: 'continuous', ...scale.unconditional },
  }),
  budget: (scale) => scale.audioBudget,
};
