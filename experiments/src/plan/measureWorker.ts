import { selectBackend } from '@fermata/tensor';
import { serveJob } from '@fermata/training';

import { measureSteps, type StepsArgument } from './measureSteps';

// The process that measures steps; FERMATA_BACKEND and FERMATA_THREADS set how it computes.
serveJob(async (argument, context) => {
  await selectBackend();
  return measureSteps(argument as StepsArgument, context);
});
