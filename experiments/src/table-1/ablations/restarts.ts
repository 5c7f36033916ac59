import { autoencoderRow, vectorQuantiser } from '../base';

/** Random restarts of codes that are hardly used (Dhariwal et al., 2020) instead of population based training. */
export const row = autoencoderRow({
  id: '1.2-restarts',
  title: 'VQ-VAE, random restarts',
  heading: 'beyond the paper',
  quantiser: (scale) => ({ ...vectorQuantiser(scale), restartBelow: 0.5 }),
});
