// Compiles the TypeScript project in the current directory, and those it refers to, with `tsc --build`. First removes
// compiled files that no source makes any longer, since tsc leaves them: after a git pull, an old dist/rows.js would
// hide the new dist/rows/index.js.
const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync, rmSync } = require('node:fs');
const { join, resolve } = require('node:path');
const ts = require('typescript');

// The project in a folder and all that it refers to. tsc itself reports mistakes in their configuration.
function projectsOf(folder, found = new Map()) {
  const path = join(folder, 'tsconfig.json');
  if (found.has(path)) return found;
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const project = ts.getParsedCommandLineOfConfigFile(path, {}, host);
  if (project === undefined) return found;
  found.set(path, project);
  for (const reference of project.projectReferences ?? []) projectsOf(reference.path, found);
  return found;
}

function removeStaleOutputs(project) {
  const { outDir } = project.options;
  if (outDir === undefined || !existsSync(outDir)) return;
  const outputs = project.fileNames.flatMap((source) => ts.getOutputFileNames(project, source, false));
  const made = new Set(outputs.map((file) => resolve(file)));
  for (const name of readdirSync(outDir, { recursive: true })) {
    const file = resolve(outDir, name);
    if (/\.(js|d\.ts)(\.map)?$/.test(name) && !made.has(file)) rmSync(file);
  }
}

for (const project of projectsOf(process.cwd()).values()) removeStaleOutputs(project);
const tsc = join(require.resolve('typescript/package.json'), '../bin/tsc');
process.exitCode = spawnSync(process.execPath, [tsc, '--build'], { stdio: 'inherit' }).status ?? 1;
