// Loaded into a kernel before tslab: keeps failures that occur while no cell waits for them. tslab prints these under
// the latest cell and continues; nbconvert drops output printed after that cell has ended.
const { appendFileSync } = require('node:fs');

// tslab answers heartbeats asynchronously, so the last answer may meet a socket that its shutdown has closed.
const isOfTslab = (error) =>
  error instanceof Error && /^\s+at [^\n]*node_modules[\\/]tslab[\\/]/.test(firstFrame(error.stack));
const firstFrame = (stack) => stack.split('\n').find((line) => /^\s+at /.test(line)) ?? '';

const keep = (error) => {
  if (isOfTslab(error)) return;
  appendFileSync(
    process.env.FERMATA_NOTEBOOK_LATE_FAILURES,
    `${error instanceof Error ? error.stack : error}\n`,
  );
};
process.on('uncaughtException', keep);
process.on('unhandledRejection', keep);
