/* global beforeAll */
// Keeps the engine of tfjs on TensorFlow when a spec names another backend.
const { selectBackend } = require('@fermata/tensor');
const tf = require('@tensorflow/tfjs');

beforeAll(async () => {
  await selectBackend('tensorflow');
  tf.engine().setBackend = () => Promise.resolve(true);
});
