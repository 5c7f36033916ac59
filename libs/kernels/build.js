// Compiles the kernels into build/fermata.node, with one call of a C++ compiler for each source and instruction set. It
// needs neither Python nor a download. `npm ci` runs it with --optional: without a compiler it then prints the remedy
// and does not fail.
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

// Compiles the changed sources and links all objects.
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
  // Links under a temporary name first: a process may be using the old addon.
  const link =
    process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread'];
  await runLogged(compiler.command, [...link, ...objects, '-o', `${addon}.new`], folder);
  renameSync(`${addon}.new`, addon);
  // Lets the linker accept missing symbols, which Node provides.
  await runLogged(process.execPath, ['-e', `require(${JSON.stringify(addon)})`], folder);
}

main();
