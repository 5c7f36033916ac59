import { openDataset, timed, type TimedDataset } from '@fermata/data';

/** Calls a function with an open dataset. */
export async function withDataset<T>(
  folder: string,
  use: (dataset: TimedDataset) => T | Promise<T>,
): Promise<T> {
  const dataset = timed(openDataset(folder));
  try {
    return await use(dataset);
  } finally {
    dataset.close();
  }
}

/** The fingerprint of the data in a folder. */
export function fingerprintOf(folder: string): string {
  const dataset = openDataset(folder);
  dataset.close();
  return dataset.fingerprint;
}
