import { autoencoderRow, vectorQuantiser } from '../../autoencoderRow';

/** Random restarts of rarely used codes (Dhariwal et al., 2020) instead of population based training. */
export const row = autoencoderRow({
  id: '1.2-restarts',
  title: 'VQ-VAE, random restarts',
  heading: 'beyond the paper',
  quantiser: (scale) => ({ ...vectorQuantiser(scale), restartBelow: 0.5 }),
});
