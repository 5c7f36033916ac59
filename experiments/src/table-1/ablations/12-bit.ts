import { autoencoderRow, vectorQuantiser } from '../base';

/** More bits shift what a model learns to local structure still more (section 4). */
export const row = autoencoderRow({
  id: '1.2-12-bit',
  title: 'VQ-VAE, 12 bits of mu-law',
  heading: 'ablations',
  levels: 2 ** 12,
  quantiser: vectorQuantiser,
});
