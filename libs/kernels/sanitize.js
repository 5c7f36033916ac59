// Compiles the kernels, with a program that calls all of them over many shapes (native/check), under sanitizers, and
// runs it: `node sanitize.js` under all, `node sanitize.js thread` under one. A line for each says what came of it; the
// exit status is 1 where one found something.
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { compile, findCompiler, kernelSources, native, runLogged, sourcesIn } = require('./compile.js');

const sanitizers = {
  address: {
    name: 'AddressSanitizer and UndefinedBehaviourSanitizer',
    flags: ['-fsanitize=address,undefined,float-cast-overflow', '-fno-sanitize-recover=all'],
    // Fresh memory is full of NaN, so that what is read of it uninitialised shows in results.
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
    throw new Error(`there is no sanitizer ${unknown}: name one of ${Object.keys(sanitizers).join(', ')}`);
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

// Returns the path of the program.
async function build(compiler, flags, folder) {
  const options = ['-O1', '-g', '-fno-omit-frame-pointer', ...flags, `-I${native}`];
  const { objects } = await compile(compiler, [...kernelSources(), ...sourcesIn('check')], options, folder);
  const program = join(folder, 'check');
  await runLogged(compiler.command, [...flags, '-pthread', ...objects, '-o', program], folder);
  return program;
}

// Whether the program ended well.
function run(program, environment) {
  const options = {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'inherit', 'pipe'],
  };
  let result = spawnSync(program, options);
  // Older sanitizers cannot place their memory where newer kernels put things at random.
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
