import { below, type Claim } from './claim';
import { sameExcerpts, spectralDistance, useOfPast } from './measures';

/** Findings of section 3 on the architecture, for which the paper prints no numbers. */
export const architectureClaims: readonly Claim[] = [
  {
    id: 13,
    sentence: "Pooling at the encoder's output is better than lowering the rate in its first layers.",
    place: 'section 3.3',
    comparisons: [below(spectralDistance('1.2'), spectralDistance('1.2-early-downsampling'))],
    note:
      'The paper calls pooling helpful without naming the measure. It cannot be the NLL: by the reason given, codes then ' +
      'copy less noise, and copied noise lowers the NLL. Of its measures this leaves the sound of ' +
      'reconstructions, with the distance of log spectra as a proxy. Copied noise lowers that distance too, which ' +
      'works against the claim. It does not show if the codes are easier to model. An encoder with layers at the ' +
      `rate of codes needs fewer layers for the same receptive field, five instead of eight, and so has fewer weights. ${sameExcerpts}`,
  },
  {
    id: 14,
    sentence: 'With a continuous bottleneck the decoder may neglect its autoregressive path.',
    place: 'section 3',
    comparisons: [below(useOfPast('1.2-continuous'), useOfPast('1.2'))],
    note:
      "Neglect: the NLL rises less than that of the VQ-VAE when the decoder's own past is shuffled. The paper reports " +
      'preliminary experiments without numbers. No decoder was trained on a shuffled past: it makes wrong guesses ' +
      'with confidence, and its NLL is far above that of a model without any input. So the rise shows which decoder uses the past, ' +
      'not how much it learns from it.',
  },
];
