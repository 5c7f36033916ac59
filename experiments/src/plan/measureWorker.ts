import { selectBackend } from '@fermata/tensor';
import { serveJob } from '@fermata/training';

import { measureSteps, type StepsArgument } from './measureSteps';

// The process in which steps are measured: FERMATA_BACKEND and FERMATA_THREADS say how it computes.
serveJob(async (argument, context) => {
  await selectBackend();
  return measureSteps(argument as StepsArgument, context);
});
