import { autoencoderRow, codes } from './base';

/** An argmax autoencoder with a softmax and a diversity loss of entropy, where #1.5 has ReLU and a squared one. */
export const row = autoencoderRow({
  id: '1.6',
  title: 'AMAE with softmax, one-hot input',
  paper: { trainNll: 0.833, evalNll: 0.806, perplexity: 183.2 },
  input: 'one-hot',
  // The paper's main text gives no nu: this one is this project's.
  quantiser: () => ({
    kind: 'argmax',
    codes,
    simplex: 'softmax',
    diversity: { kind: 'negative-entropy', nu: 1 },
  }),
});
