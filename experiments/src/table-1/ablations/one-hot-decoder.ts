import { autoencoderRow, vectorQuantiser } from '../base';

/** One-hot input matters on the encoder's side, not on the decoder's (section 4.1). */
export const row = autoencoderRow({
  id: '1.2-one-hot-decoder',
  title: 'VQ-VAE, one-hot input of the decoder alone',
  heading: 'ablations',
  decoderInput: 'one-hot',
  quantiser: vectorQuantiser,
});
