// The files of the workspace that the specs of a project may read: those that Nx compares before it takes an earlier
// result for theirs. inputs.spec.ts holds this list to Nx's own.
const { existsSync, readFileSync, readdirSync } = require('node:fs');
const { dirname, join, relative, sep } = require('node:path');

const root = join(__dirname, '../..');
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

// Folders of the workspace's packages by name.
function packageFolders() {
  const folders = readJson('package.json').workspaces.flatMap((pattern) =>
    pattern.endsWith('/*')
      ? readdirSync(join(root, dirname(pattern))).map((name) => `${dirname(pattern)}/${name}`)
      : [pattern],
  );
  const packages = folders.filter((folder) => existsSync(join(root, folder, 'package.json')));
  return new Map(packages.map((folder) => [readJson(`${folder}/package.json`).name, folder]));
}

// A folder, and the folders of all packages that it depends on.
function withDependencies(folder, folders, found = new Set()) {
  if (found.has(folder)) return found;
  found.add(folder);
  const { dependencies, devDependencies, peerDependencies } = readJson(`${folder}/package.json`);
  for (const name of Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })) {
    if (folders.has(name)) withDependencies(folders.get(name), folders, found);
  }
  return found;
}

// Patterns for files outside of the project, from the named inputs of its target `test`.
function patterns(folder) {
  const { namedInputs, targetDefaults } = readJson('nx.json');
  const named = { ...namedInputs, ...readJson(`${folder}/package.json`).nx?.namedInputs };
  const expand = (input) => (input in named ? named[input].flatMap(expand) : [input]);
  return targetDefaults.test.inputs
    .flatMap(expand)
    .filter((input) => typeof input === 'string' && input.startsWith('{workspaceRoot}/'))
    .map((input) => input.slice('{workspaceRoot}/'.length));
}

// Tells if a pattern names a file, or files in a folder.
function matches(pattern, path) {
  const parts = pattern.split('/');
  return parts.some((_, index) => expressionOf(parts.slice(0, index + 1).join('/')).test(path));
}

function expressionOf(pattern) {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/\*|\*\*|\*/g, (stars) => (stars === '*' ? '[^/]*' : '.*'));
  return new RegExp(`^${source}$`);
}

/**
 * Tells of a path if it is an input of the specs of a project.
 *
 * @param folder the project's, such as `libs/core`
 */
function testInputs(folder) {
  const own = [...withDependencies(folder, packageFolders())];
  const others = patterns(folder);
  return (file) => {
    const path = relative(root, file).replaceAll(sep, '/');
    const project = own.find((one) => path === one || path.startsWith(`${one}/`));
    if (project !== undefined && !path.startsWith(`${project}/dist/`)) return true;
    return others.some((pattern) => matches(pattern, path));
  };
}

module.exports = { packageFolders, root, testInputs };
