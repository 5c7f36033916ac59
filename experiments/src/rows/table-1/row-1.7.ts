import { autoencoderRow, vectorQuantiser } from '../autoencoderRow';

/** A VQ-VAE with one code for 64 timesteps, the first level of #3.5. */
export const row = autoencoderRow({
  id: '1.7',
  title: 'VQ-VAE, hop 64',
  paper: { trainNll: 1.203, evalNll: 1.172, oneSecondPerplexity: 84.04 },
  hop: 64,
  quantiser: vectorQuantiser,
});
