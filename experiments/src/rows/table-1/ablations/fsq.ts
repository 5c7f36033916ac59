import { autoencoderRow } from '../../autoencoderRow';

/** Finite scalar quantisation (Mentzer et al., 2023): a fixed codebook of 4⁴ = 256 vectors. */
export const row = autoencoderRow({
  id: '1.2-fsq',
  title: 'finite scalar quantisation',
  heading: 'beyond the paper',
  quantiser: () => ({ kind: 'fsq', levels: [4, 4, 4, 4] }),
});
