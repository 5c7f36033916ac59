import type { PlannedOptions } from '@fermata/experiments';
import type { ProgressDisplay } from '@fermata/training';

/** Shows the events of jobs on a display. */
export function showJobs(
  display: ProgressDisplay,
): Pick<PlannedOptions, 'onProgress' | 'onPlanned' | 'onFinished' | 'onWarning'> {
  let [done, jobs] = [0, 0];
  return {
    onProgress: (name, progress) => {
      display.update(name, progress);
    },
    onPlanned: (wereDone, planned) => {
      [done, jobs] = [wereDone, planned];
      if (wereDone > 0) display.print(`${wereDone} of ${planned} jobs were done before.`);
    },
    onFinished: (name) => {
      // The data are not a job, and come before the plan.
      display.finish(name, jobs === 0 ? 'done' : `done, job ${++done} of ${jobs}`);
    },
    onWarning: (name, message) => {
      display.print(`${name}: ${message}`);
    },
  };
}
