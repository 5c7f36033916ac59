// Lets a child process of a spec run TypeScript sources, as jest does for the spec itself:
// node --require register.js child.ts
// In the workspace, the packages of Fermata are their sources too.
const { transformSync } = require('@swc/core');
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');

const preset = join(__dirname, '../../jest.preset.js');
const { moduleNameMapper } = existsSync(preset) ? require(preset) : { moduleNameMapper: {} };

Module._extensions['.ts'] = (module, file) => {
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs', ignoreDynamic: true }, // some packages are ES modules alone
  });
  module._compile(code, file);
};

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
  const found = Object.entries(moduleNameMapper).find(([name]) => new RegExp(name).test(request));
  const source = found === undefined ? request : request.replace(new RegExp(found[0]), found[1]);
  return resolveFilename.call(Module, source, ...rest);
};
