// Compiles the kernels into build/fermata.node with one call of a C++ compiler for each source and instruction set: no
// Python, no download. `npm ci` runs it with --optional, where a machine without a compiler gets a line that says what it
// misses, and nothing fails.
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
const folder = join(__dirname, 'build');
const addon = join(folder, 'fermata.node');

// Compiled once for each instruction set.
const perInstructionSet = [
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
// Compiled once.
const common = ['buffer.cc', 'dispatch.cc', 'pipeline.cc', 'stack.cc', 'threads.cc'];
const avx512 = ['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl', '-mavx2', '-mfma'];
const instructionSets =
  process.arch === 'x64' ? { portable: [], avx2: ['-mavx2', '-mfma'], avx512 } : { portable: [] };

// Infinities and NaN keep their meaning and sums their order; what is given up is the error flags.
const options = [
  '-std=c++17',
  '-O3',
  '-fPIC',
  '-fvisibility=hidden',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-trapping-math',
];

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
  const cost = 'Training and sampling will be 20 to 100 times slower without the compiled kernels';
  console.error(`Fermata: ${cost}: ${reason}, then run \`npm run build:kernels\`.`);
  if (!optional) process.exitCode = 1;
}

function findCompiler() {
  for (const command of [process.env.CXX, 'c++', 'g++', 'clang++']) {
    if (!command) continue;
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (status === 0) return { command, version: stdout };
  }
  return undefined;
}

// What is to be compiled: `args` without the object, which is named after all that it depends on.
function compilations(compiler) {
  const headers = [
    native,
    dirname(require.resolve('node-addon-api')),
    require('node-api-headers').include_dir,
  ];
  const everywhere = [...options, ...headers.map((path) => `-I${path}`)];
  const shared = createHash('sha256').update(JSON.stringify([compiler, process.platform, process.arch]));
  for (const file of readdirSync(native, { recursive: true }).sort()) {
    if (file.endsWith('.h')) shared.update(file).update(readFileSync(join(native, file)));
  }
  const steps = [];
  const add = (source, flags) => {
    const args = [...everywhere, ...flags, '-c', join(native, source)];
    const hash = shared
      .copy()
      .update(JSON.stringify(args))
      .update(readFileSync(join(native, source)));
    const object = join(folder, `${basename(source, '.cc')}.${hash.digest('hex').slice(0, 16)}.o`);
    steps.push({ object, args });
  };
  for (const [name, flags] of Object.entries(instructionSets)) {
    // The longest first, so that no thread ends with one.
    for (const source of [...perInstructionSet].reverse()) add(source, [`-DFERMATA_ISA=${name}`, ...flags]);
  }
  if ('avx512' in instructionSets) {
    add('sampler.cc', ['-DFERMATA_ISA=avx512vnni', ...avx512, '-mavx512vnni']);
  }
  for (const source of common) add(source, []);
  for (const source of readdirSync(join(native, 'addon')).filter((file) => file.endsWith('.cc'))) {
    add(join('addon', source), []);
  }
  return steps;
}

// Compiles what has changed and links it all.
async function build(compiler) {
  mkdirSync(folder, { recursive: true });
  const steps = compilations(compiler);
  const waiting = steps.filter(({ object }) => !existsSync(object));
  if (waiting.length === 0 && existsSync(addon)) return;
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { object, args } = step;
      await run(compiler.command, [...args, '-o', `${object}.new`]);
      renameSync(`${object}.new`, object);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  // Under another name first: a process may be using the old one.
  const link =
    process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread'];
  await run(compiler.command, [...link, ...steps.map(({ object }) => object), '-o', `${addon}.new`]);
  renameSync(`${addon}.new`, addon);
  // The linker lets symbols be missing, for Node has some of them.
  await run(process.execPath, ['-e', `require(${JSON.stringify(addon)})`]);
  const kept = new Set([...steps.map(({ object }) => object), addon]);
  for (const file of readdirSync(folder)) {
    if (!kept.has(join(folder, file))) rmSync(join(folder, file));
  }
}

function run(command, args) {
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
      reject(new Error(`${basename(command)} failed at ${source} (see ${log}): mend that`));
    });
  });
}

main();
