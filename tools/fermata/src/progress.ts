import type { ProgressListener } from '@fermata/core';
import { createProgressDisplay } from '@fermata/training';

/** Does one piece of work while its progress is shown on standard error. */
export async function withProgress<T>(
  name: string,
  work: (onProgress: ProgressListener) => Promise<T>,
): Promise<T> {
  const display = createProgressDisplay();
  try {
    return await work((progress) => {
      display.update(name, progress);
    });
  } finally {
    display.close();
  }
}
