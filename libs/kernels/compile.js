// Lists the sources of the kernels and compiles them to objects, for build.js and sanitize.js.
const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const { availableParallelism } = require('node:os');
const { basename, dirname, join, relative } = require('node:path');

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

// Compiles the changed sources into objects in `folder`, whose names contain a hash of all their dependencies, and
// removes other objects. Returns all paths, and tells if any of them is new.
async function compile(compiler, sources, options, folder) {
  mkdirSync(folder, { recursive: true });
  const steps = sources.map((source) => stepOf(compiler, source, options, folder));
  const waiting = steps.filter(({ object }) => !existsSync(object));
  const changed = waiting.length > 0;
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { object, args } = step;
      await runLogged(compiler.command, [...args, '-o', `${object}.new`], folder);
      renameSync(`${object}.new`, object);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const objects = steps.map(({ object }) => object);
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    if (/\.o(\.new)?$|^errors\.txt$/.test(file) && !objects.includes(path)) rmSync(path);
  }
  return { objects, changed };
}

function stepOf(compiler, { source, options }, everywhere, folder) {
  const args = [...languageOptions, ...everywhere, ...options, '-c', join(native, source)];
  const hash = createHash('sha256').update(JSON.stringify([compiler, process.platform, process.arch, args]));
  for (const path of new Set([native, dirname(join(native, source))])) {
    for (const file of readdirSync(path).sort()) {
      if (file.endsWith('.h')) hash.update(file).update(readFileSync(join(path, file)));
    }
  }
  hash.update(readFileSync(join(native, source)));
  const object = join(folder, `${basename(source, '.cc')}.${hash.digest('hex').slice(0, 16)}.o`);
  return { object, args };
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

module.exports = { compile, findCompiler, kernelSources, native, runLogged, sourcesIn };
