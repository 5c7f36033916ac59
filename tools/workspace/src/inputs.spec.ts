import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');

interface Inputs {
  /** The task itself, and those that run before it. */
  readonly tasks: readonly string[];
  readonly files: readonly string[];
  readonly runtime: readonly string[];
  readonly environment: readonly string[];
  readonly depOutputs: readonly string[];
}
interface Answer {
  readonly inputs: Readonly<Record<string, Inputs>>;
  readonly affected: Readonly<Record<string, readonly string[]>>;
}

const changes = {
  'notebooks/quick-start.ipynb': ['notebook-runner'],
  'libs/testing/register.js': ['core', 'audio'],
  'libs/testing/src/goldens.ts': ['tensor'],
  'libs/kernels/native/elementwise.cc': ['kernels', 'tensor', 'experiments', 'fermata'],
  'libs/kernels/compile.js': ['kernels', 'tensor'],
  'tools/goldens/audio/mulaw.json': ['audio'],
  'docs/guide.md': ['fermata'],
  'README.md': ['fermata'],
  'experiments/results/small/piano/1.1.seed-1.json': ['experiments', 'fermata'],
  'tsconfig.base.json': ['core'],
};
const answer = JSON.parse(
  execFileSync(process.execPath, [join(__dirname, '../nxInputs.js'), ...Object.keys(changes)], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  }),
) as Answer;
/** All files of the workspace, which are the inputs of this project. */
const { files } = answer.inputs['tools/workspace'];

/** The variables of Fermata that sources name, but those that the notebook runner sets for itself. */
const variables = [
  ...new Set(
    files
      .filter((path) => /\.(ts|js)$/.test(path))
      .map((path) => readFileSync(join(root, path), 'utf8'))
      .flatMap((text) => text.match(/\bFERMATA_(?!NOTEBOOK)[A-Z_]+\b/g) ?? []),
  ),
];

describe.each(Object.entries(answer.inputs))(
  'Nx, before it takes an old result of the specs of %s,',
  (folder, nx) => {
    it('compares the files that they may read, and no others', () => {
      const { testInputs } = jest.requireActual<{
        testInputs: (folder: string) => (path: string) => boolean;
      }>('../testInputs.js');
      const isInput = testInputs(folder);
      // Nx itself adds .gitignore.
      expect(new Set([...files.filter((path) => isInput(join(root, path))), '.gitignore'])).toEqual(
        new Set([...nx.files, '.gitignore']),
      );
    });

    it('compiles the kernels, and compares them, the version of Node and the variables', () => {
      expect(nx.tasks).toContain('kernels:native');
      expect(nx.depOutputs).toEqual(['libs/kernels/build/fermata.node']);
      expect(nx.runtime).toContain('node --version');
      expect(nx.environment).toEqual(expect.arrayContaining(variables));
    });
  },
);

it.each(Object.entries(changes))('a change of %s affects the projects that read it', (file, projects) => {
  expect(answer.affected[file]).toEqual(expect.arrayContaining(projects));
});
