import { above, below, equal, type Claim } from './claim';
import { evalNll, loudnessDeviation, perplexity, sameExcerpts, spectralDistance, trainNll } from './measures';

/**
 * Largest difference, in nats, of NLLs that are about the same: an eighth of the smallest difference that the paper
 * calls substantial, that of #1.4 and #1.1 (0.392).
 */
const about = 0.05;

/**
 * Largest difference, in nats, of a train and an eval NLL that are close: a quarter of that difference, more than twice
 * the largest gap in the paper (#1.1: 0.041).
 */
const close = 0.1;

/**
 * Largest difference, in nats, that counts as none: that of #1.2 and #1.4, which the paper notices and calls slight.
 */
const slight = 0.025;

/** Findings of section 4.1 and its Table 1, and of section 3.2 on the commitment term. */
export const table1Claims: readonly Claim[] = [
  {
    id: 1,
    sentence: 'Autoencoders of hop size 8 have far lower NLLs than an unconditional WaveNet.',
    place: 'section 4.1',
    comparisons: ['1.2', '1.3', '1.4', '1.5'].map((row) => below(evalNll(row), evalNll('1.1'))),
    note:
      'Far: the verdict is on the sign alone; compare the sizes with those of the paper. As the paper says, these NLLs ' +
      'are given the codes: they show how much information the codes carry, not which model is better.',
  },
  {
    id: 2,
    sentence: 'One-hot input lowers the NLL.',
    place: 'section 4.1, Input representation',
    comparisons: [below(evalNll('1.3'), evalNll('1.2')), below(evalNll('1.5'), evalNll('1.4'))],
  },
  {
    id: 3,
    sentence: 'A VQ-VAE with one-hot input uses its codebook less: it suffers from partial collapse.',
    place: 'section 4.1, Input representation',
    comparisons: [below(perplexity('1.3'), perplexity('1.2'))],
  },
  {
    id: 4,
    sentence: 'An AMAE has a slightly higher NLL than a VQ-VAE of the same architecture.',
    place: 'section 4.1, VQ-VAE vs. AMAE',
    comparisons: [above(evalNll('1.4'), evalNll('1.2')), above(evalNll('1.5'), evalNll('1.3'))],
    note: "Slightly: the verdict is on the sign alone; compare the sizes with the paper's.",
  },
  {
    id: 5,
    sentence: 'An AMAE keeps its perplexity where a VQ-VAE loses it.',
    place: 'section 4.1, VQ-VAE vs. AMAE',
    comparisons: [above(perplexity('1.5'), perplexity('1.3'))],
    premises: [below(perplexity('1.3'), perplexity('1.2'))],
    note: 'Claim 3 is that a VQ-VAE loses its perplexity: if that fails, this claim has no meaning.',
  },
  {
    id: 6,
    sentence:
      'A softmax with the diversity loss of the entropy is worse than ReLU, in NLL and in perplexity.',
    place: 'section 4.1, Softmax vs. ReLU',
    comparisons: [above(evalNll('1.6'), evalNll('1.5')), below(perplexity('1.6'), perplexity('1.5'))],
  },
  {
    id: 7,
    sentence: 'With hop size 64 the NLL is about that of an unconditional WaveNet.',
    place: 'Table 1',
    comparisons: [equal(evalNll('1.7'), evalNll('1.1'), about)],
    note: 'About: within an eighth of the difference that #1.4 makes in the paper (0.392 nats), the smallest that claim 1 compares.',
  },
  {
    id: 8,
    sentence: 'The models do not overfit: train and eval NLL are close.',
    place: 'section 4.1',
    comparisons: ['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7'].map((row) =>
      equal(evalNll(row), trainNll(row), close),
    ),
    note:
      'Close: within a little more than twice the largest gap of the paper (0.041 nats). The splits hold different pieces, and some are harder to ' +
      'predict. An eval NLL well below the train NLL contradicts the claim, yet shows an easier split, not overfitting. An eval NLL well ' +
      'above it may show either. All seeds use the same pieces, so the intervals do not cover this.',
  },
  {
    id: 9,
    sentence: 'Better NLL is not better sound: #1.2 reconstructs better than #1.3, whose NLL is lower.',
    place: 'section 4.1, Input representation',
    comparisons: [below(spectralDistance('1.2'), spectralDistance('1.3'))],
    premises: [below(evalNll('1.3'), evalNll('1.2'))],
    note:
      'The authors listened. The distance of log spectra is a proxy: it misses faults that disturb a person, and counts faults ' +
      `that nobody notices. ${sameExcerpts}`,
  },
  {
    id: 10,
    sentence: "The volume of an AMAE's reconstructions is sometimes inconsistent.",
    place: 'section 4.1, VQ-VAE vs. AMAE',
    comparisons: [above(loudnessDeviation('1.4'), loudnessDeviation('1.2'))],
    note:
      'The authors listened. Here the loudness must drift from the original more than that of the VQ-VAE, on ' +
      `average over the excerpts: something that happens seldom can be missed. ${sameExcerpts}`,
  },
  {
    id: 11,
    sentence: "One-hot input makes a difference on the encoder's side, but none on the decoder's.",
    place: 'section 4.1',
    comparisons: [
      below(evalNll('1.3'), evalNll('1.2-one-hot-decoder')),
      equal(evalNll('1.2-one-hot-decoder'), evalNll('1.2'), slight),
    ],
    note:
      'One side is changed at a time: #1.3 and #1.2-one-hot-decoder differ in the encoder alone, #1.2-one-hot-decoder and ' +
      '#1.2 in the decoder alone. None: less than half of the difference that one-hot input on both sides makes in the paper (0.052 nats).',
  },
  {
    id: 12,
    sentence: 'A commitment term makes no noticeable difference to an AMAE.',
    place: 'section 3.2',
    comparisons: [equal(evalNll('1.4-commitment'), evalNll('1.4'), slight)],
    note: 'Not noticeable: less than the difference between #1.2 and #1.4 (0.025 nats), which the paper calls slight.',
  },
];
