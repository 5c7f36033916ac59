import { audio } from '../row';
import { waveNetRow } from '../waveNetRow';

/** The unconditional WaveNet that the autoencoders are compared with. */
export const row = waveNetRow({
  id: '1.1',
  title: 'WaveNet',
  sequence: audio(),
  paper: { trainNll: 1.192, evalNll: 1.151, receptiveField: 6144 },
  input: 'continuous',
});
