import { autoencoderRow, vectorQuantiser } from '../../autoencoderRow';

/** One-hot input matters for the encoder, but not for the decoder (section 4.1). */
export const row = autoencoderRow({
  id: '1.2-one-hot-decoder',
  title: 'VQ-VAE, one-hot input of the decoder alone',
  heading: 'ablations',
  decoderInput: 'one-hot',
  quantiser: vectorQuantiser,
});
