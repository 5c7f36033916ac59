import { run } from './cli';

void run(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
