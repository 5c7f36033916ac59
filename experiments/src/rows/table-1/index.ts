import type { Table } from '../row';
import { row as bits10 } from './ablations/10-bit';
import { row as bits12 } from './ablations/12-bit';
import { row as commitment } from './ablations/commitment';
import { row as continuous } from './ablations/continuous';
import { row as earlyDownsampling } from './ablations/early-downsampling';
import { row as fsq } from './ablations/fsq';
import { row as oneHotDecoder } from './ablations/one-hot-decoder';
import { row as restarts } from './ablations/restarts';
import { row as row11 } from './row-1.1';
import { row as row12 } from './row-1.2';
import { row as row13 } from './row-1.3';
import { row as row14 } from './row-1.4';
import { row as row15 } from './row-1.5';
import { row as row16 } from './row-1.6';
import { row as row17 } from './row-1.7';

/** Table 1: autoencoders of audio; then ablations, and rows beyond the paper. */
export const table1: Table = {
  number: '1',
  title: 'autoencoders on audio',
  rows: [
    ...[row11, row12, row13, row14, row15, row16, row17],
    ...[oneHotDecoder, commitment, earlyDownsampling, continuous, bits10, bits12],
    ...[restarts, fsq],
  ],
};
