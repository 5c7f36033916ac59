import { autoencoderRow, vectorQuantiser } from '../base';

/** More bits shift what a model learns to local structure still more (section 4). */
export const row = autoencoderRow({
  id: '1.2-10-bit',
  title: 'VQ-VAE, 10 bits of mu-law',
  heading: 'ablations',
  levels: 2 ** 10,
  quantiser: vectorQuantiser,
});
