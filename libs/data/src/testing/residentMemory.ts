// Process for the spec of excerpts: draws many excerpts from the dataset in the given folder and prints its peak
// resident memory, in kilobytes. It is a separate process, because jest's process also holds the memory of earlier
// tests.
import { fold, randomKey } from '@fermata/core';

import { openDataset, randomExcerpts } from '..';

const dataset = openDataset(process.argv[2]);
for (let step = 0; step < 300; step++) {
  randomExcerpts(dataset, { split: 'train', length: 16384, count: 8, key: fold(randomKey(7), step) });
}
dataset.close();
process.stdout.write(String(process.resourceUsage().maxRSS)); // console.log colours numbers for Nx
