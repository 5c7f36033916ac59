import { argmaxQuantiser, autoencoderRow } from '../../autoencoderRow';

/** A commitment term, as the VQ-VAE has, makes no difference to the AMAE (section 3.2). */
export const row = autoencoderRow({
  id: '1.4-commitment',
  title: 'AMAE, commitment term',
  heading: 'ablations',
  quantiser: () => ({ ...argmaxQuantiser(), beta: 0.25 }),
});
