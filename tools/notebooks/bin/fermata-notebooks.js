#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../dist/main.js');
if (existsSync(main)) {
  require(main);
} else {
  console.error('fermata-notebooks: it has not been built yet. Run `npm run build` first.');
  process.exitCode = 1;
}
