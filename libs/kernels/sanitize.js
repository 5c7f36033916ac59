// Compiles the kernels under sanitizers, with a program that calls all of them over many shapes (native/check), and
// runs it: `node sanitize.js` under all sanitizers, `node sanitize.js thread` under one. Prints one line per sanitizer;
// the exit status is 1 if one of the sanitizers reports an error.
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
  for (const name of wanted) {
    const sanitizer = sanitizers[name];
    const program = await build(compiler, sanitizer.flags, join(__dirname, 'build', 'sanitize', name));
    const begin = Date.now();
    const clean = run(program, sanitizer.environment);
    const seconds = ((Date.now() - begin) / 1000).toFixed(0);
    console.log(`${sanitizer.name}: ${clean ? 'clean' : 'FAILED'} (${seconds} s)`);
    if (!clean) process.exitCode = 1;
  }
}

// Compiles and links the program under a sanitizer; returns its path.
async function build(compiler, flags, folder) {
  const options = ['-O1', '-g', '-fno-omit-frame-pointer', ...flags, `-I${native}`];
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
