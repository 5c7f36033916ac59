import type { Table } from '../row';
import { row as row21 } from './row-2.1';
import { row as row24 } from './row-2.4';

/** Table 2: models of the codes of #1.2. */
export const table2: Table = { number: '2', title: 'models of the codes of #1.2', rows: [row21, row24] };
