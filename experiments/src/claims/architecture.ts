import { below, type Claim } from './claim';
import { sameExcerpts, spectralDistance, useOfPast } from './measures';

/** What section 3 says of the architecture without numbers. */
export const architectureClaims: readonly Claim[] = [
  {
    id: 13,
    sentence: "Pooling at the encoder's output is better than lowering the rate in its first layers.",
    place: 'section 3.3',
    comparisons: [below(spectralDistance('1.2'), spectralDistance('1.2-early-downsampling'))],
    note:
      'The paper says helpful, and not by which measure. It cannot be the NLL: the reason that it gives is that codes ' +
      'then copy less noise, and copied noise lowers the NLL. What remains of its measures is the sound of ' +
      'reconstructions, for which the distance of log spectra is a proxy; that too is lower where noise is copied, which ' +
      'works against the claim. Whether the codes are easier to model, it does not show. An encoder whose layers run at the ' +
      `rate of codes needs fewer of them for the same receptive field, five for eight, and so has fewer weights. ${sameExcerpts}`,
  },
  {
    id: 14,
    sentence: 'With a continuous bottleneck the decoder may neglect its autoregressive path.',
    place: 'section 3',
    comparisons: [below(useOfPast('1.2-continuous'), useOfPast('1.2'))],
    note:
      "Neglect: the NLL rises less than that of the VQ-VAE when the decoder's own past is shuffled. The paper tells of " +
      'preliminary experiments, without numbers. A shuffled past is nothing that a decoder was trained on: it guesses wrong ' +
      'with confidence, and its NLL is far above that of knowing nothing. So the rise tells who listens to the past, and ' +
      'not how much they learn from it.',
  },
];
