import { codesOf } from '../row';
import { waveNetRow } from '../waveNetRow';

/** The unconditional WaveNet on the codes of #1.2, and the prior of #3.4. */
export const row = waveNetRow({
  id: '2.1',
  title: 'WaveNet',
  sequence: codesOf('1.2'),
  paper: { trainNll: 4.415, evalNll: 4.43, receptiveField: 6144 },
  // Codes have no order (section 4.2): they enter as one-hot vectors.
  input: 'one-hot',
});
