import { serveJob } from '@fermata/training';

import { workOn, type PlannedWork } from './kinds';

// The process of one job, started by `runJobs`, which sends it the job.
serveJob(async (argument, context) => {
  await workOn(argument as PlannedWork, context);
  return null;
});
