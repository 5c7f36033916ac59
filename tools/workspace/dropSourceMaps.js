// Removes the source maps of TensorFlow.js from node_modules after an installation: 230 MB of 680, which nothing reads.
const { readdirSync, rmSync } = require('node:fs');
const { dirname, join } = require('node:path');

const folder = dirname(dirname(require.resolve('@tensorflow/tfjs/package.json')));
for (const name of readdirSync(folder, { recursive: true })) {
  if (/^tfjs[^/\\]*[/\\]dist[/\\].*\.map$/.test(name)) rmSync(join(folder, name));
}
