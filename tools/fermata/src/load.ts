import type { ProgressDisplay } from '@fermata/training';
import { loadavg } from 'node:os';

const quietLoad = 0.5;

/** Warns if other work on this machine would disturb a measurement. */
export function warnOfLoad(display: ProgressDisplay): void {
  const [load] = loadavg();
  if (load <= quietLoad) return;
  display.print(
    `The load average is ${load.toFixed(1)}: other work on this machine disturbs the measurement.`,
  );
}
