import { argmaxQuantiser, autoencoderRow } from '../autoencoderRow';

/** An argmax autoencoder whose encoder sees exact values. */
export const row = autoencoderRow({
  id: '1.5',
  title: 'AMAE, one-hot input',
  paper: { trainNll: 0.721, evalNll: 0.695, perplexity: 225.6 },
  input: 'one-hot',
  quantiser: argmaxQuantiser,
});
