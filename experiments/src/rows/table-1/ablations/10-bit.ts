import { audio } from '../../row';
import { autoencoderRow, vectorQuantiser } from '../../autoencoderRow';

/** With more bits, a model attends to local structure even more (section 4). */
export const row = autoencoderRow({
  id: '1.2-10-bit',
  title: 'VQ-VAE, 10 bits of mu-law',
  heading: 'ablations',
  sequence: audio(10),
  quantiser: vectorQuantiser,
});
