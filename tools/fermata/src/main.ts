import { asFileError } from '@fermata/core';

import { report, run } from './cli';

// A reader such as `head` that has gone has seen enough; a full disk has not.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : report(asFileError(error, 'standard output')));
});

void run(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
