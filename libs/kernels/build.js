// Compiles the kernels into build/fermata.node with one call of a C++ compiler for each source and instruction set: no
// Python, no download. `npm ci` runs it with --optional, where a machine without a compiler gets a line that says what it
// misses, and nothing fails.
const { existsSync, renameSync, rmSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { compile, findCompiler, kernelSources, native, runLogged, sourcesIn } = require('./compile.js');

const folder = join(__dirname, 'build');
const addon = join(folder, 'fermata.node');

function main() {
  const optional = process.argv.includes('--optional');
  if (optional && process.env.FERMATA_NATIVE === 'off') return;
  const compiler = findCompiler();
  if (compiler === undefined) return giveUp(optional, 'there is no C++ compiler: install g++ or clang++');
  build(compiler).catch((error) => {
    rmSync(addon, { force: true });
    giveUp(optional, error.message);
  });
}

function giveUp(optional, reason) {
  const cost = 'Training and sampling will be 10 to 90 times slower without the compiled kernels';
  console.error(`Fermata: ${cost}: ${reason}, then run \`npm run build:kernels\`.`);
  if (!optional) process.exitCode = 1;
}

// Compiles what has changed and links it all.
async function build(compiler) {
  const headers = [
    native,
    dirname(require.resolve('node-addon-api')),
    require('node-api-headers').include_dir,
  ];
  const options = ['-O3', '-fPIC', '-fvisibility=hidden', ...headers.map((path) => `-I${path}`)];
  const sources = [...kernelSources(), ...sourcesIn('addon')];
  const { objects, changed } = await compile(compiler, sources, options, folder);
  if (!changed && existsSync(addon)) return;
  // Under another name first: a process may be using the old one.
  const link =
    process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread'];
  await runLogged(compiler.command, [...link, ...objects, '-o', `${addon}.new`], folder);
  renameSync(`${addon}.new`, addon);
  // The linker lets symbols be missing, for Node has some of them.
  await runLogged(process.execPath, ['-e', `require(${JSON.stringify(addon)})`], folder);
}

main();
