import type { InputFormat } from '@fermata/wavenet';

import type { Row } from './row';

/** Creates a row with an unconditional WaveNet of the scale's size. */
export function waveNetRow({ input, ...row }: Omit<Row, 'model'> & { readonly input: InputFormat }): Row {
  return {
    ...row,
    model: (scale, symbols) => ({ kind: 'wavenet', config: { symbols, input, ...scale.unconditional } }),
  };
}
