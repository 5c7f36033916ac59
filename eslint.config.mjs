import eslint from '@eslint/js';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

// The rule that checks the arrows reads the graph that Nx keeps on disk, and says nothing where there is none.
await createProjectGraphAsync({ exitOnError: true });

// The one-way arrows of docs/architecture.md: each library and what it may import.
const arrows = {
  core: [],
  data: ['core'],
  audio: ['core', 'data'],
  kernels: ['core'],
  tensor: ['core', 'kernels'],
  models: ['core', 'kernels', 'tensor'],
  wavenet: ['core', 'kernels', 'tensor', 'models'],
  quantisers: ['core', 'tensor', 'models'],
  autoencoder: ['core', 'kernels', 'tensor', 'models', 'wavenet', 'quantisers'],
  training: ['core', 'tensor'],
  evaluation: ['core', 'data', 'tensor', 'models', 'training', 'wavenet', 'audio'],
  report: ['core', 'audio'],
  notebook: ['core', 'audio', 'report'],
  testing: ['core', 'kernels'],
};
// The rooms of the experiments, in their order: each imports only those before it, and `testing` is for specs.
const rooms = [
  'models',
  'scales',
  'rows',
  'sequences',
  'systems',
  'plan',
  'jobs',
  'open',
  'results',
  'claims',
  'report',
];
const roomRules = rooms.map((room, index) => {
  const later = rooms.slice(index + 1);
  return {
    files: [`experiments/src/${room}/**/*.ts`],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...(later.length === 0
              ? []
              : [
                  {
                    regex: `^(\\.\\./)+(${later.join('|')})(/|$)`,
                    message: `The room ${room} comes before this one: see docs/architecture.md.`,
                  },
                ]),
            { regex: '^(\\.\\./)+testing(/|$)', message: 'testing is for specs.' },
            { regex: '^(\\.\\./)+(index)?$', message: 'A room imports rooms, not the whole.' },
          ],
        },
      ],
    },
  };
});
const libraryTags = (names) => names.map((name) => `lib:${name}`);
const allLibraries = Object.keys(arrows).filter((name) => name !== 'testing' && name !== 'notebook');

const boundaries = (specs) => [
  'error',
  {
    allow: [],
    depConstraints: [
      ...Object.entries(arrows).map(([name, targets]) => ({
        sourceTag: `lib:${name}`,
        onlyDependOnLibsWithTags: libraryTags([name, ...targets, ...(specs ? ['testing'] : [])]),
      })),
      {
        sourceTag: 'layer:experiments',
        onlyDependOnLibsWithTags: [
          'layer:experiments',
          ...libraryTags([...allLibraries, ...(specs ? ['testing'] : [])]),
        ],
      },
      {
        sourceTag: 'layer:tools',
        onlyDependOnLibsWithTags: [
          'layer:tools',
          'layer:experiments',
          ...libraryTags([...allLibraries, ...(specs ? ['testing'] : [])]),
        ],
      },
    ],
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', 'reports/**', 'notebooks/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        process: 'readonly',
        console: 'readonly',
      },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: {
      parserOptions: {
        project: [
          'libs/*/tsconfig.json',
          'experiments/tsconfig.json',
          'tools/*/tsconfig.json',
          'tsconfig.spec.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(false),
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      'no-restricted-properties': [
        'error',
        {
          object: 'Math',
          property: 'random',
          message: 'Randomness goes through keys: see libs/core/src/random.ts.',
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/src/testing/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(true) },
  },
  ...roomRules,
  prettier,
);
