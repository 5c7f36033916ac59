import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

import { UserError } from '@fermata/core';
import * as ts from '@tslab/typescript-for-tslab';

/**
 * Compiles the public declarations of every package of a workspace as a tslab cell does: with tslab's TypeScript 5.0.4
 * and Node10 resolution, through node_modules. Only errors in the workspace's own declarations count.
 *
 * @param root folder of the built workspace
 * @returns one line for each error
 * @throws UserError if a package has not been built
 */
export function checkDeclarations(root: string): { packages: string[]; errors: string[] } {
  const packages = libraries(root);
  const entry = join(root, 'every-package.ts').replaceAll(sep, '/'); // in the compiler's spelling of paths
  const source = packages.map(({ name }, i) => `export * as package${i} from '${name}';`).join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    esModuleInterop: true,
    strict: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === entry || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === entry ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
  const program = ts.createProgram([entry], options, host);
  const own = program
    .getSourceFiles()
    .filter(
      ({ fileName }) => fileName === entry || packages.some(({ folder }) => contains(folder, fileName)),
    );
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...own.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  const errors = diagnostics.map((diagnostic) => ts.formatDiagnostic(diagnostic, formatHost(root)).trimEnd());
  return { packages: packages.map(({ name }) => name), errors };
}

interface Library {
  readonly name: string;
  readonly folder: string;
}

// Packages that a notebook may import: libraries and experiments, but not the tools.
function libraries(root: string): Library[] {
  const folders = [
    ...readdirSync(join(root, 'libs')).map((name) => join(root, 'libs', name)),
    join(root, 'experiments'),
  ];
  return folders.flatMap((folder) => {
    const description = join(folder, 'package.json');
    if (!existsSync(description)) return [];
    const { name, types = 'index.d.ts' } = JSON.parse(readFileSync(description, 'utf8')) as {
      name: string;
      types?: string;
    };
    if (!existsSync(join(folder, types))) {
      throw new UserError(
        `${name} has not been built: there is no ${join(folder, types)}.`,
        'Run `npm run build` first.',
      );
    }
    return [{ name, folder: realpathSync(folder) }];
  });
}

const contains = (folder: string, path: string) => realpathSync(path).startsWith(folder + sep);

const formatHost = (root: string): ts.FormatDiagnosticsHost => ({
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
});
