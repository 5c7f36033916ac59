// Compiles the kernels into build/fermata.node, with one call of a C++ compiler for each source and instruction set. It
// needs neither Python nor a download.
//
//   node build.js                 fails without a compiler, and at an error
//   node build.js --if-compiler   fails at an error: before tests, which pass without compiled kernels too
//   node build.js --optional      never fails: at an installation, which must work with the oddest compiler
const { createHash } = require('node:crypto');
const { existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const {
  buildCommand,
  compile,
  findCompiler,
  kernelSources,
  native,
  objectsOf,
  replace,
  runLogged,
  sourcesIn,
} = require('./compile.js');

const folder = join(__dirname, 'build');
const addon = join(folder, 'fermata.node');
// Written last: a complete addon is one whose record names its bytes and its objects.
const record = join(folder, 'fermata.json');

async function main([option]) {
  if (!['--if-compiler', '--optional', undefined].includes(option)) {
    console.error(`Fermata: ${option} is not an option of build.js: --if-compiler or --optional is.`);
    process.exitCode = 1;
    return;
  }
  if (option !== undefined && process.env.FERMATA_NATIVE === 'off') return;
  const compiler = findCompiler();
  if (compiler === undefined) {
    giveUp('there is no C++ compiler: install g++ or clang++', option !== undefined);
    return;
  }
  try {
    await build(compiler);
  } catch (error) {
    if (!isComplete(compiler)) rmSync(addon, { force: true });
    giveUp(error.message, option === '--optional');
  }
}

function giveUp(reason, fine) {
  const cost = 'Training and sampling will be 10 to 90 times slower without the compiled kernels';
  console.error(`Fermata: ${cost}: ${reason}, then run \`${buildCommand()}\`.`);
  if (!fine) process.exitCode = 1;
}

async function build(compiler) {
  if (isComplete(compiler)) return;
  const objects = addonObjects(compiler);
  await compile(compiler, objects, folder);
  await replace(addon, async (fresh) => {
    const options =
      process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread'];
    const paths = objects.map(({ object }) => object);
    await runLogged(compiler.command, [...options, ...paths, '-o', fresh], folder);
    // Lets the linker accept missing symbols, which Node provides.
    const load = `process.dlopen({ exports: {} }, ${JSON.stringify(fresh)})`;
    await runLogged(process.execPath, ['-e', load], folder);
  });
  const made = { compiler, objects: names(objects), sha256: sha256(addon) };
  await replace(record, (fresh) => writeFileSync(fresh, JSON.stringify(made)));
}

function addonObjects(compiler) {
  const include = [dirname(require.resolve('node-addon-api')), require('node-api-headers').include_dir];
  const options = ['-O3', '-fPIC', '-fvisibility=hidden', `-I${native}`];
  return objectsOf(compiler, [...kernelSources(), ...sourcesIn('addon')], options, folder, include);
}

// Tells if the addon is the one that the present sources make: with this compiler, or with the one that made it.
function isComplete(compiler) {
  if (!existsSync(addon) || !existsSync(record)) return false;
  try {
    const made = JSON.parse(readFileSync(record, 'utf8'));
    return names(addonObjects(compiler ?? made.compiler)) === made.objects && sha256(addon) === made.sha256;
  } catch {
    return false;
  }
}

const names = (objects) => objects.map(({ object }) => basename(object)).join(' ');
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

if (require.main === module) main(process.argv.slice(2));

module.exports = { isComplete };
