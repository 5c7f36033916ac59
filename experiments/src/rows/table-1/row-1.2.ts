import { autoencoderRow, vectorQuantiser } from '../autoencoderRow';

/** The VQ-VAE below the paper's second levels. */
export const row = autoencoderRow({
  id: '1.2',
  title: 'VQ-VAE',
  paper: { trainNll: 0.766, evalNll: 0.734, perplexity: 227.3 },
  quantiser: vectorQuantiser,
});
