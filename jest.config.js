const { testTimeout } = require('./jest.preset.js');

module.exports = {
  projects: ['<rootDir>/libs/*', '<rootDir>/experiments', '<rootDir>/tools/*/jest.config.js'],
  testTimeout,
};
