// Runs one job that works until it is stopped: node --require …/testing/register.js jobParent.js '{"kind": "work", …}'
const path = require('node:path');

const { abortOnInterrupt } = require('../jobs/interrupt.ts');
const { runJobs } = require('../jobs/runJobs.ts');

const { signal } = abortOnInterrupt(() => process.stdout.write('saving\n'));
const job = {
  name: 'work',
  module: path.join(__dirname, 'jobChild.ts'),
  argument: () => JSON.parse(process.argv[2]),
};
runJobs([job], { concurrency: 1, signal }).catch((error) => {
  process.stdout.write(`${error.name}\n`);
  process.exitCode = 130;
});
