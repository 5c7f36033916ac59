// Loaded into a kernel before tslab: keeps what fails while no cell waits for it. tslab prints it under whichever cell
// came last and goes on, and nbconvert drops what is printed once that cell is done.
const { appendFileSync } = require('node:fs');

// tslab answers heartbeats without waiting, so that the last one may meet a socket that its shutdown has closed.
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
