import { asFileError } from '@fermata/core';

import { report, run } from './cli';

// Exits quietly if a reader such as `head` is gone, but reports a full disk.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : report(asFileError(error, 'standard output')));
});

void run(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
