import { autoencoderRow } from '../base';

/** Finite scalar quantisation (Mentzer et al., 2023): a codebook of 4⁴ = 256 vectors that nobody has to learn. */
export const row = autoencoderRow({
  id: '1.2-fsq',
  title: 'finite scalar quantisation',
  heading: 'beyond the paper',
  quantiser: () => ({ kind: 'fsq', levels: [4, 4, 4, 4] }),
});
