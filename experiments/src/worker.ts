import { serveJob } from '@fermata/training';

import { workOn, type PlannedWork } from './jobs';

// The process of one job: `runJobs` starts it and tells it what to do.
serveJob(async (argument, context) => {
  await workOn(argument as PlannedWork, context);
  return null;
});
