import { row as row11 } from './row-1.1';
import { row as row12 } from './row-1.2';
import { row as row14 } from './row-1.4';

/** Table 1: autoencoders trained on audio waveforms. */
export const table1 = [row11, row12, row14];
