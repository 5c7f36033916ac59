// Lists the sources of the kernels and compiles them to objects, for build.js and sanitize.js.
const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} = require('node:fs');
const { availableParallelism } = require('node:os');
const { basename, dirname, join, relative, sep } = require('node:path');

const native = join(__dirname, 'native');

// Sources compiled once for each instruction set.
const perInstructionSet = [
  'convolution.cc',
  'elementwise.cc',
  'head.cc',
  'kernels.cc',
  'matrix.cc',
  'optimiser.cc',
  'quantise.cc',
  'sampler.cc',
  'stackBackward.cc',
  'stackForward.cc',
  'symbols.cc',
];
// Sources compiled once.
const common = ['buffer.cc', 'dispatch.cc', 'pipeline.cc', 'stack.cc', 'threads.cc'];
const avx512 = ['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl', '-mavx2', '-mfma'];
const instructionSets =
  process.arch === 'x64' ? { portable: [], avx2: ['-mavx2', '-mfma'], avx512 } : { portable: [] };

// Options that keep infinities, NaN and the order of sums, and give up only the error flags.
const languageOptions = ['-std=c++17', '-ffp-contract=fast', '-fno-math-errno', '-fno-trapping-math'];

function findCompiler() {
  for (const command of [process.env.CXX, 'c++', 'g++', 'clang++']) {
    if (!command) continue;
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (status === 0) return { command, version: stdout };
  }
  return undefined;
}

// Sources of the kernels for all instruction sets, each with its options.
function kernelSources() {
  const sources = [];
  const add = (source, options) => sources.push({ source, options });
  for (const [name, options] of Object.entries(instructionSets)) {
    // The longest come first, so that no thread ends with one.
    for (const source of [...perInstructionSet].reverse()) add(source, [`-DFERMATA_ISA=${name}`, ...options]);
  }
  if ('avx512' in instructionSets) {
    add('sampler.cc', ['-DFERMATA_ISA=avx512vnni', ...avx512, '-mavx512vnni']);
  }
  for (const source of common) add(source, []);
  return sources;
}

// Sources of a folder of native/, compiled once.
function sourcesIn(folder) {
  return readdirSync(join(native, folder))
    .filter((file) => file.endsWith('.cc'))
    .map((file) => ({ source: join(folder, file), options: [] }));
}

// The objects of sources in `folder`, each with the arguments that make it. The name of an object contains a hash of all
// that it depends on: an object that exists is the right one. `include` has folders of further headers.
function objectsOf(compiler, sources, options, folder, include = []) {
  const everywhere = [...languageOptions, ...options, ...include.map((path) => `-I${path}`)];
  const headers = new Map();
  const headersIn = (path) => {
    if (!headers.has(path)) headers.set(path, hashOfHeaders(path));
    return headers.get(path);
  };
  return sources.map(({ source, options: own }) => {
    const path = join(native, source);
    const args = [...everywhere, ...own, '-c', path];
    const hash = createHash('sha256').update(
      JSON.stringify([compiler, process.platform, process.arch, args]),
    );
    for (const place of new Set([native, dirname(path), ...include])) hash.update(headersIn(place));
    hash.update(readFileSync(path));
    return { object: join(folder, `${basename(source, '.cc')}.${hash.digest('hex').slice(0, 16)}.o`), args };
  });
}

function hashOfHeaders(folder) {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).sort()) {
    if (file.endsWith('.h')) hash.update(file).update(readFileSync(join(folder, file)));
  }
  return hash.digest();
}

// Compiles the objects that `folder` lacks, and removes others. Several processes may do so at once.
async function compile(compiler, objects, folder) {
  mkdirSync(folder, { recursive: true });
  const waiting = objects.filter(({ object }) => !existsSync(object));
  const now = new Date();
  for (const { object } of objects) if (existsSync(object)) utimesSync(object, now, now);
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { object, args } = step;
      await replace(object, (fresh) => runLogged(compiler.command, [...args, '-o', fresh], folder));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const kept = new Set(objects.map(({ object }) => object));
  rmSync(join(folder, 'errors.txt'), { force: true });
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    if (/\.o$|\.\d+$/.test(file) && !kept.has(path) && isOld(path)) rmSync(path, { force: true });
  }
}

// Another process may need what is younger.
function isOld(path) {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
  return mtimeMs < Date.now() - 3_600_000;
}

// Makes a file under a name of its own, flushes it and renames it, so that its own name never has a part of it, whatever
// ends the process and however many make it.
async function replace(path, make) {
  const fresh = `${path}.${process.pid}`;
  await make(fresh);
  const descriptor = openSync(fresh, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(fresh, path);
}

// Runs a command. If it fails, writes its output to a file in `folder` and throws an error that names the file.
function runLogged(command, args, folder) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data) => (said += data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      writeFileSync(join(folder, 'errors.txt'), said);
      const source = relative(__dirname, args.find((arg) => arg.endsWith('.cc')) ?? 'link');
      const log = relative(process.cwd(), join(folder, 'errors.txt'));
      reject(new Error(`${basename(command)} failed at ${source} (see ${log}): fix that`));
    });
  });
}

// The command that compiles the kernels: in the workspace, and where this package is installed.
function buildCommand() {
  const installed = __dirname.split(sep).includes('node_modules');
  return installed ? `node ${relative(process.cwd(), join(__dirname, 'build.js'))}` : 'npm run build:kernels';
}

module.exports = {
  buildCommand,
  compile,
  findCompiler,
  kernelSources,
  native,
  objectsOf,
  replace,
  runLogged,
  sourcesIn,
};
