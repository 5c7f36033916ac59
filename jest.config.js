module.exports = {
  projects: ['<rootDir>/libs/*', '<rootDir>/experiments', '<rootDir>/tools/fermata'],
};
