import { asFileError } from '@fermata/core';

import { report, run } from './cli';

// Exits quietly if a reader such as `head` is gone, but reports a full disk.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : report(asFileError(error, 'standard output')));
});

// A terminal that closes takes its messages with it, but not the work: the command still saves it.
process.stderr.on('error', () => undefined);

void run(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
