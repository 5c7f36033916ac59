module.exports = { ...require('../../jest.preset.js'), displayName: 'notebook-runner' };
