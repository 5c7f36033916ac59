import { repeatDilations } from '@fermata/wavenet';

import { argmaxQuantiser, autoencoderRow } from '../autoencoderRow';
import { codesOf } from '../row';

/** The AMAE on the codes of #1.2 that #3.7 is built on: its decoder sees 64 codes. */
export const row = autoencoderRow({
  id: '2.4',
  title: 'AMAE, decoder that sees 64 codes',
  sequence: codesOf('1.2'),
  paper: { trainNll: 4.236, evalNll: 4.247, perplexity: 228.0, receptiveField: 64 },
  // Codes have no order (section 4.2): they enter as one-hot vectors.
  input: 'one-hot',
  quantiser: argmaxQuantiser,
  // Dilations 1 … 32 of width 2 see 1 + 63 codes (section 4.3).
  decoder: () => ({ dilations: repeatDilations(1, 6), width: 2 }),
});
