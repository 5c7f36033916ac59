import { argmaxQuantiser, autoencoderRow } from '../autoencoderRow';

/** The argmax autoencoder. */
export const row = autoencoderRow({
  id: '1.4',
  title: 'AMAE',
  paper: { trainNll: 0.786, evalNll: 0.759, perplexity: 228.9 },
  quantiser: argmaxQuantiser,
});
