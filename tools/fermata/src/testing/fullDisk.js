// Lets the disk be full for files whose path matches FULL_DISK: node --require fullDisk.js main.js
const fs = require('node:fs');

const { openSync, writeSync } = fs;
const full = new Set();
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  if (new RegExp(process.env.FULL_DISK).test(String(path))) full.add(descriptor);
  else full.delete(descriptor);
  return descriptor;
};
fs.writeSync = (descriptor, ...rest) => {
  if (!full.has(descriptor)) return writeSync(descriptor, ...rest);
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};
