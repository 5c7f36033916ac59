// Lets a child process of a spec run TypeScript sources, as jest does for the spec itself:
// node --require register.js child.ts
const { transformSync } = require('@swc/core');
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const libraries = path.join(__dirname, '../../..');

Module._extensions['.ts'] = (module, file) => {
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  module._compile(code, file);
};

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
  const library = /^@fermata\/([a-z]+)$/.exec(request);
  const source = library === null ? request : path.join(libraries, library[1], 'src/index.ts');
  return resolveFilename.call(Module, source, ...rest);
};
