// Loaded into a kernel before tslab: keeps what fails while no cell waits for it. tslab prints it under whichever cell
// came last and goes on, and nbconvert drops what is printed once that cell is done.
const { appendFileSync } = require('node:fs');

const keep = (error) => {
  appendFileSync(
    process.env.FERMATA_NOTEBOOK_LATE_FAILURES,
    `${error instanceof Error ? error.stack : error}\n`,
  );
};
process.on('uncaughtException', keep);
process.on('unhandledRejection', keep);
