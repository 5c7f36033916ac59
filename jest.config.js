module.exports = {
  projects: ['<rootDir>/libs/*', '<rootDir>/experiments', '<rootDir>/tools/*/jest.config.js'],
};
