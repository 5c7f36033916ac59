import { autoencoderRow, vectorQuantiser } from '../autoencoderRow';

/** A VQ-VAE whose encoder sees exact values. */
export const row = autoencoderRow({
  id: '1.3',
  title: 'VQ-VAE, one-hot input',
  paper: { trainNll: 0.711, evalNll: 0.682, perplexity: 199.6 },
  input: 'one-hot',
  quantiser: vectorQuantiser,
});
