import { autoencoderRow } from '../../autoencoderRow';

/** Without quantisation a decoder may neglect its autoregressive path (section 3). */
export const row = autoencoderRow({
  id: '1.2-continuous',
  title: 'autoencoder with a continuous bottleneck',
  heading: 'ablations',
  quantiser: (scale) => ({ kind: 'continuous', depth: scale.queryDepth }),
});
