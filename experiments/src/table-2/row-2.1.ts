import type { Row } from '../row';
import { codes } from '../table-1/base';

/** The unconditional WaveNet on the codes of #1.2; in Table 3 it is the prior of #3.4. */
export const row: Row = {
  id: '2.1',
  title: 'WaveNet',
  sequence: '1.2',
  paper: { trainNll: 4.415, evalNll: 4.43, receptiveField: 6144 },
  // Codes have no order (section 4.2): they enter as one-hot vectors.
  model: (scale) => ({
    kind: 'wavenet',
    config: { symbols: codes, input: 'one-hot', ...scale.unconditional },
  }),
  budget: (scale) => scale.codesBudget,
};
