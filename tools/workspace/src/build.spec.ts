import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'build-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function build(): void {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'tools/workspace/build.js')], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, '']);
}

const options = { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/tsconfig.tsbuildinfo' };
const rest = { composite: true, module: 'commonjs', lib: ['ES5'], types: [] };

it('removes outputs whose source is gone or has become a folder, and only those', () => {
  write('tsconfig.json', JSON.stringify({ files: [], references: [{ path: 'lib' }] }));
  write('lib/tsconfig.json', JSON.stringify({ compilerOptions: { ...options, ...rest }, include: ['src'] }));
  write('lib/src/index.ts', `export * from './rows';`);
  write('lib/src/rows/index.ts', 'export const rows = 2;');
  for (const name of ['rows.js', 'rows.d.ts', 'rows.js.map', 'old/gone.d.ts']) write(`lib/dist/${name}`, '');
  build();
  const made = readdirSync(join(folder, 'lib/dist'), { recursive: true, encoding: 'utf8' });
  expect(made.filter((name) => name.includes('.')).sort()).toEqual([
    'index.d.ts',
    'index.js',
    join('rows', 'index.d.ts'),
    join('rows', 'index.js'),
    'tsconfig.tsbuildinfo',
  ]);
});

it('makes a removed dist again', () => {
  rmSync(join(folder, 'lib/dist'), { recursive: true });
  build();
  expect(existsSync(join(folder, 'lib/dist/rows/index.js'))).toBe(true);
});

it('keeps the state of every project in its dist', () => {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
    references: { path: string }[];
  };
  for (const { path } of references) {
    const text = readFileSync(join(root, path, 'tsconfig.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ compilerOptions: options });
  }
});
