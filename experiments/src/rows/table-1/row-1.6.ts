import { autoencoderRow, codebookSize } from '../autoencoderRow';

/** An argmax autoencoder with a softmax and an entropy diversity loss, in place of #1.5's ReLU and squared loss. */
export const row = autoencoderRow({
  id: '1.6',
  title: 'AMAE with softmax, one-hot input',
  paper: { trainNll: 0.833, evalNll: 0.806, perplexity: 183.2 },
  input: 'one-hot',
  // The paper's main text gives no nu: this one is this project's.
  quantiser: () => ({
    kind: 'argmax',
    codebookSize,
    simplex: 'softmax',
    diversity: { kind: 'negative-entropy', nu: 1 },
  }),
});
