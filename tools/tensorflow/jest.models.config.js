// Runs the specs of models, goldens and trainings on TensorFlow, whatever backend they name: `nx run tensorflow:models`.
const preset = require('../../jest.preset.js');

process.env.FERMATA_TEST_BACKENDS = 'tensorflow';
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

module.exports = {
  ...preset,
  displayName: 'on tensorflow',
  rootDir: '../..',
  testEnvironment: require.resolve('./sharedArrays.js'),
  testMatch: [
    '<rootDir>/libs/{autoencoder,evaluation,models,quantisers,tensor,training,wavenet}/src/**/*.spec.ts',
    '<rootDir>/experiments/src/{jobs,models,open,plan,rows,sequences}/**/*.spec.ts',
    '<rootDir>/tools/fermata/src/{generate,train}.spec.ts',
  ],
  testPathIgnorePatterns: [
    ...preset.testPathIgnorePatterns,
    // About other backends.
    '/libs/tensor/src/(native|tensorflow|backend|wasmKernels)',
    '/libs/wavenet/src/sampling/nativeSampler',
  ],
  setupFilesAfterEnv: [require.resolve('./stayOnTensorflow.js')],
};
