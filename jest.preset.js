// Shared by every project: TypeScript through SWC, and @fermata/* from source, so that tests need no build.
const path = require('node:path');

module.exports = {
  testEnvironment: 'node',
  testTimeout: 60_000, // a machine may be busy with other work
  setupFiles: [path.join(__dirname, 'libs/testing/setup.js')],
  testMatch: ['<rootDir>/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  setupFilesAfterEnv: [path.join(__dirname, 'tools/workspace/watchReads.js')],
  transform: {
    '\\.[cm]?[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // These packages ship ES modules alone, which jest must turn into CommonJS.
  transformIgnorePatterns: [
    '/node_modules/(?!(mpg123-decoder|opus-decoder|@wasm-audio-decoders|@eshaz|simple-yenc|codec-parser)/)',
  ],
  moduleNameMapper: {
    '^@fermata/(fermata|bench)$': path.join(__dirname, 'tools/$1/src/index.ts'),
    '^@fermata/experiments$': path.join(__dirname, 'experiments/src/index.ts'),
    '^@fermata/([a-z]+)$': path.join(__dirname, 'libs/$1/src/index.ts'),
  },
};
