import { execSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import * as ts from 'typescript';

const root = resolve(__dirname, '../../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const { packageFolders } = jest.requireActual<{ packageFolders: () => Map<string, string> }>(
  '../testInputs.js',
);
const manifests = new Map(
  [...packageFolders()].map(([name, folder]) => {
    const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
    return [name, { folder, ...(JSON.parse(text) as Manifest) }] as const;
  }),
);
const packed = [...manifests.values()].filter(({ files }) => files !== undefined);
const libraries = readdirSync(join(root, 'libs'));

const packs = JSON.parse(
  execSync('npm pack --dry-run --json --ignore-scripts --workspaces', {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
) as { name: string; files: { path: string }[] }[];
const contents = new Map(packs.map(({ name, files }) => [name, files.map(({ path }) => path)]));

it('packs every library, the experiments and the command', () => {
  const names = packed.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      ...libraries.map((library) => `@fermata/${library}`),
      '@fermata/experiments',
      '@fermata/fermata',
    ]),
  );
});

describe.each(packed)('the package $name', ({ name, folder, ...manifest }) => {
  const files = contents.get(name)!;

  it('holds what it runs on, its licence and its description', () => {
    const expected = ['LICENSE', 'README.md', 'package.json', ...Object.values(manifest.bin ?? {})];
    const own = readdirSync(join(root, folder)).filter((one) =>
      ['assets', 'native', 'results', 'bin'].includes(one),
    );
    expect(files).toEqual(expect.arrayContaining(expected));
    for (const place of own) expect(files.some((path) => path.startsWith(`${place}/`))).toBe(true);
    expect(readFileSync(join(root, folder, 'LICENSE'))).toEqual(readFileSync(join(root, 'LICENSE')));
  });

  it('holds nothing of this machine, and nothing for tests', () => {
    const unwanted =
      /\.spec\.|(^|\/)testing\/|^(src|build)\/|\.(map|tsbuildinfo|o|node)$|(jest|eslint)\.config|\/check\//;
    expect(files.filter((path) => unwanted.test(path))).toEqual([]);
  });

  it('depends on all that its files import, and its specs on the rest', () => {
    const { dependencies, peerDependencies, devDependencies } = manifest;
    const installed = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies })]);
    const here = new Set([...installed, ...Object.keys({ ...devDependencies })]);
    const missing = sourcesOf(folder).flatMap((path) => {
      const forTests = /\.spec\.ts$|\/src\/testing\/|\.config\.js$/.test(path);
      return importsOf(path)
        .filter((one) => !(forTests ? here : installed).has(one))
        .map((one) => `${path}: ${one}`);
    });
    expect(missing).toEqual([]);
  });

  it('takes its siblings in their own version, whatever else bears their names', () => {
    const siblings = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([one]) => manifests.has(one),
    );
    expect(siblings).toEqual(siblings.map(([one]) => [one, manifests.get(one)!.version]));
  });
});

it('danfo.js comes with the notebooks alone', () => {
  const dependents = [...manifests.values()].filter(
    ({ dependencies }) => dependencies?.['danfojs-node'] !== undefined,
  );
  expect(dependents.map(({ name }) => name)).toEqual(['@fermata/notebooks']);
});

function sourcesOf(folder: string): string[] {
  const inside = (path: string) => !/(^|\/)(node_modules|dist|build|assets)(\/|$)/.test(path);
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => inside(path) && /(?<!\.d)\.[jt]s$/.test(path))
    .map((path) => join(folder, path));
}

/** Names of the packages that a source imports. */
function importsOf(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, path), 'utf8'), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => !/^(\.|node:)/.test(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}
