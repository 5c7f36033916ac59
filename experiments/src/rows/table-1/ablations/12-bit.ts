import { audio } from '../../row';
import { autoencoderRow, vectorQuantiser } from '../../autoencoderRow';

/** With more bits, a model attends to local structure even more (section 4). */
export const row = autoencoderRow({
  id: '1.2-12-bit',
  title: 'VQ-VAE, 12 bits of mu-law',
  heading: 'ablations',
  sequence: audio(12),
  quantiser: vectorQuantiser,
});
