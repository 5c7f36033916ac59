import { fold, randomKey } from '@fermata/core';
import { randomiseWeights } from '@fermata/testing';
import { WaveNet } from '@fermata/wavenet';
import * as tf from '@tensorflow/tfjs';

import { DiscreteAutoencoder } from '../discreteAutoencoder';
import { config, noise } from './sizes';

/** A stack of autoencoders of hops 4, 2 and 3, and a prior of the codes of the last of `count`. */
export function stackOf(count: number): { models: DiscreteAutoencoder[]; prior: WaveNet } {
  const key = randomKey('stack');
  const alphabets = [16, 10, 6, 5];
  const models = [4, 2, 3].slice(0, count).map((hop, index) => {
    const model = new DiscreteAutoencoder(
      config(alphabets[index], hop, alphabets[index + 1]),
      fold(key, index),
    );
    randomiseWeights(model, fold(key, `weights ${index}`));
    // The codebook lies among the queries, so that many codes are in use.
    tf.tidy(() => {
      model.initialise(tf.tensor2d(noise(192, alphabets[index]), [1, 192], 'int32'), key);
    });
    return model;
  });
  const prior = new WaveNet({ ...config(2, 1, 2).decoder, symbols: alphabets[count] }, fold(key, 'prior'));
  randomiseWeights(prior, fold(key, 'prior weights'));
  return { models, prior };
}
