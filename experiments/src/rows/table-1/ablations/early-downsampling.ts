import { repeatDilations } from '@fermata/wavenet';

import { autoencoderRow, vectorQuantiser } from '../../autoencoderRow';

/** Pooling at the encoder's output is better than a lower rate from its first layers on (section 3.3). */
export const row = autoencoderRow({
  id: '1.2-early-downsampling',
  title: 'VQ-VAE, rate lowered at the input of the encoder',
  heading: 'ablations',
  quantiser: vectorQuantiser,
  // Dilations 1 … 16 at the rate of codes see 504 timesteps: the total width of the encoder stays 512 ± 8.
  encoder: () => ({ downsampling: 'input', dilations: repeatDilations(1, 5) }),
});
