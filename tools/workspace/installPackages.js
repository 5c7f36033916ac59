// Packs every package, installs the tarballs into an empty folder, as somebody does who wants the libraries alone, and
// uses them there: from CommonJS, from ES modules, by the examples of their READMEs, in a cell of tslab, and by the
// command `fermata`. `npx nx run workspace:packages` runs it; it needs the npm registry, and takes minutes where a
// compiler compiles the kernels.
const { spawnSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const { packageFolders, root } = require('./testInputs.js');

const work = mkdtempSync(join(tmpdir(), 'packages-'));
const project = join(work, 'project');
const packages = [...packageFolders()].flatMap(([name, folder]) => {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return manifest.files === undefined ? [] : [{ ...manifest, name, folder }];
});

// Runs a command and shows its output where it fails. Returns the output.
function run(command, args, cwd = project) {
  const options = { cwd, encoding: 'utf8', shell: process.platform === 'win32', maxBuffer: 2 ** 26 };
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed:\n${error?.message ?? ''}${stdout}${stderr}`);
}

function runModule(name, text) {
  writeFileSync(join(project, name), text);
  return run(process.execPath, [name]);
}

function check(holds, message) {
  if (!holds) throw new Error(message);
}

function pack() {
  const selected = packages.flatMap(({ name }) => ['--workspace', name]);
  const options = ['--ignore-scripts', '--json', '--pack-destination', work];
  return JSON.parse(run('npm', ['pack', ...options, ...selected], root)).map(({ filename }) => filename);
}

function install(tarballs) {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const paths = tarballs.map((file) => join(work, file));
  run('npm', ['install', '--no-audit', '--no-fund', ...paths]);
}

// The command compiles the kernels where the installation did not, or says what is missing.
function checkKernels() {
  const status = "JSON.stringify(require('@fermata/kernels').kernelsStatus())";
  const ask = () => JSON.parse(run(process.execPath, ['--print', status]));
  const { available, reason } = ask();
  if (available || process.env.FERMATA_NATIVE === 'off') return reason;
  const [, command] = /`(node .*build\.js)`/.exec(reason) ?? [];
  check(command !== undefined, `It does not say how to compile the kernels: ${reason}`);
  const { status: failed, stderr } = spawnSync(command, { cwd: project, shell: true, encoding: 'utf8' });
  if (failed !== 0) check(/no C\+\+ compiler/.test(stderr), stderr);
  return failed === 0 ? ask().reason : reason;
}

// Every name that CommonJS sees is a name that ES modules may import.
function checkImports() {
  const names = packages.filter(({ main }) => main !== undefined).map(({ name }) => name);
  runModule(
    'imports.mjs',
    `import { createRequire } from 'node:module';
    for (const name of ${JSON.stringify(names)}) {
      const required = Object.keys(createRequire(import.meta.url)(name));
      const imported = Object.keys(await import(name));
      const missing = required.filter((one) => !imported.includes(one));
      if (missing.length > 0) throw new Error(name + ' does not export to ES modules: ' + missing);
    }`,
  );
}

function checkExamples() {
  for (const { name, folder } of packages) {
    const [, example] =
      /```js\n([^]*?)\n```/.exec(readFileSync(join(root, folder, 'README.md'), 'utf8')) ?? [];
    if (example !== undefined && name !== '@fermata/notebook') runModule('example.mjs', example);
  }
}

function checkCell() {
  const cell = `import { encodeMuLaw, ingest } from '@fermata/audio';
import { codeHistogram } from '@fermata/notebook';
const symbols = encodeMuLaw(Float32Array.of(0, 1));
[symbols.length, typeof ingest, typeof codeHistogram([1, 2])].join()`;
  const said = runModule(
    'cell.cjs',
    `const { createConverter } = require('tslab/dist/converter');
    const { createExecutor } = require('tslab/dist/executor');
    const node = createConverter();
    const executor = createExecutor(process.cwd(), { node, browser: node, close: () => node.close() }, console);
    executor.execute(${JSON.stringify(cell)}).then((good) => {
      executor.close();
      process.exitCode = good ? 0 : 1;
    });`,
  );
  check(said.includes('2,function,object'), `A cell of tslab shows ${said}`);
}

function checkCommand() {
  const fermata = join(project, 'node_modules', '.bin', 'fermata');
  check(run(fermata, ['doctor']).includes('cpu'), 'fermata doctor names no backend');
  check(
    /#1\.2/.test(run(fermata, ['claims', '--scale', 'small'])),
    'fermata claims finds no recorded results',
  );
}

const step = (name, action) => {
  const begin = Date.now();
  const result = action();
  console.log(
    `${name}${typeof result === 'string' ? `: ${result}` : ''} (${Math.round((Date.now() - begin) / 1000)} s)`,
  );
  return result;
};

try {
  const tarballs = step('packed', pack);
  step(`installed ${tarballs.length} packages into an empty folder`, () => install(tarballs));
  step('kernels', checkKernels);
  step('CommonJS and ES modules see the same names', checkImports);
  step('the examples of the READMEs run', checkExamples);
  step('a cell of tslab runs', checkCell);
  step('the command runs', checkCommand);
} finally {
  rmSync(work, { recursive: true, force: true });
}
