// Compiles the kernels under sanitizers, with a program that calls all of them over many shapes (native/check), and
// runs it: `node sanitize.js` under all sanitizers, `node sanitize.js thread` under one. Prints one line per sanitizer,
// and the time of all; the exit status is 1 if one of the sanitizers reports an error.
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const {
  compile,
  findCompiler,
  kernelSources,
  native,
  objectsOf,
  replace,
  runLogged,
  sourcesIn,
} = require('./compile.js');

const sanitizers = {
  address: {
    name: 'AddressSanitizer and UndefinedBehaviourSanitizer',
    flags: ['-fsanitize=address,undefined,float-cast-overflow', '-fno-sanitize-recover=all'],
    // Fills fresh memory with NaN, so that uninitialised values show in the results.
    environment: {
      ASAN_OPTIONS: 'max_malloc_fill_size=1073741824:malloc_fill_byte=255',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
  thread: {
    name: 'ThreadSanitizer',
    flags: ['-fsanitize=thread'],
    environment: { TSAN_OPTIONS: 'halt_on_error=1' },
  },
};

async function main() {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(sanitizers);
  const unknown = wanted.find((name) => !(name in sanitizers));
  if (unknown !== undefined) {
    throw new Error(`unknown sanitizer ${unknown}: name one of ${Object.keys(sanitizers).join(', ')}`);
  }
  const compiler = findCompiler();
  if (compiler === undefined) throw new Error('there is no C++ compiler: install g++ or clang++');
  const begin = Date.now();
  let findings = 0;
  for (const name of wanted) {
    const sanitizer = sanitizers[name];
    const compiling = Date.now();
    const program = await build(compiler, sanitizer.flags, join(__dirname, 'build', 'sanitize', name));
    const running = Date.now();
    const clean = run(program, sanitizer.environment);
    const times = `compiled in ${seconds(running - compiling)}, ran ${seconds(Date.now() - running)}`;
    console.log(`${sanitizer.name}: ${clean ? 'no finding' : 'FAILED'} (${times})`);
    if (!clean) findings++;
  }
  const result = findings === 0 ? 'no finding' : 'findings, printed above';
  console.log(`The kernels under sanitizers: ${result}, after ${seconds(Date.now() - begin)}.`);
  process.exitCode = findings === 0 ? 0 : 1;
}

const seconds = (milliseconds) => `${Math.round(milliseconds / 1000)} s`;

// Compiles and links the program under a sanitizer; returns its path.
async function build(compiler, flags, folder) {
  const options = ['-O1', '-g1', '-fno-omit-frame-pointer', ...flags, `-I${native}`];
  // AddressSanitizer's checks as calls, which GCC compiles in three quarters of the time.
  if (/Free Software/.test(compiler.version))
    options.push('--param=asan-instrumentation-with-call-threshold=0');
  const objects = objectsOf(compiler, [...kernelSources(), ...sourcesIn('check')], options, folder);
  await compile(compiler, objects, folder);
  const program = join(folder, 'check');
  const paths = objects.map(({ object }) => object);
  await replace(program, (fresh) =>
    runLogged(compiler.command, [...flags, '-pthread', ...paths, '-o', fresh], folder),
  );
  return program;
}

// Returns true if the program succeeded.
function run(program, environment) {
  const options = {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'inherit', 'pipe'],
  };
  let result = spawnSync(program, options);
  // Older sanitizers fail under the address randomisation of newer Linux kernels.
  if (/unexpected memory mapping/.test(result.stderr)) {
    result = spawnSync('setarch', [process.arch === 'x64' ? 'x86_64' : 'aarch64', '-R', program], options);
  }
  if (result.error !== undefined) throw result.error;
  process.stderr.write(result.stderr);
  return result.status === 0;
}

main().catch((error) => {
  console.error(`Fermata: ${error.message}`);
  process.exitCode = 1;
});
