// Runs beside every spec: it fails if the spec reads a file of the workspace that is no input of its project's tests in
// Nx, since a change of that file would leave an old result standing.
/* global afterAll, expect */
const fs = require('node:fs');
const { dirname, join, relative, resolve, sep } = require('node:path');
const { fileURLToPath, URL } = require('node:url');

const { root, testInputs } = require('./testInputs.js');

const watched = [
  'createReadStream',
  'existsSync',
  'open',
  'openSync',
  'readFile',
  'readFileSync',
  'readdirSync',
];
// All specs of a process share the functions of node:fs.
const watching = Symbol.for('fermata.watchReads');

function watch(functions, names) {
  for (const name of names) {
    const original = functions[name];
    functions[name] = function (path, ...rest) {
      fs[watching].note?.(path);
      return original.call(this, path, ...rest);
    };
  }
}

if (fs[watching] === undefined) {
  fs[watching] = { exists: fs.existsSync };
  watch(fs, watched);
  watch(fs.promises, ['open', 'readFile', 'readdir']);
}

function projectOf(file) {
  const folder = dirname(file);
  return fs[watching].exists(join(folder, 'package.json')) ? relative(root, folder) : projectOf(folder);
}

const isInput = testInputs(projectOf(expect.getState().testPath));
const others = new Set();
fs[watching].note = (path) => {
  const file = path instanceof URL ? fileURLToPath(path) : path;
  if (typeof file !== 'string') return;
  const inside = relative(root, resolve(file));
  const [top] = inside.split(sep);
  // The commit that a run notes (.git) is none of its results.
  const outside = ['', '..', '.git'].includes(top) || inside.split(sep).includes('node_modules');
  if (!outside && !isInput(resolve(file)) && fs[watching].exists(file)) others.add(inside);
};

afterAll(() => {
  fs[watching].note = undefined;
  if (others.size === 0) return;
  throw new Error(
    `It reads ${[...others].join(', ')}: name that in nx.json, or as alsoRead in the package.json of its project, ` +
      'for a change of it to run this spec again.',
  );
});
