// A process for the spec of excerpts: draws many from the dataset in the folder that it is told, and prints the most
// memory that was resident, in kilobytes. In a process of its own, since that of jest holds whatever ran before.
import { fold, randomKey } from '@fermata/core';

import { openDataset, randomExcerpts } from '..';

const dataset = openDataset(process.argv[2]);
for (let step = 0; step < 300; step++) {
  randomExcerpts(dataset, { split: 'train', length: 16384, count: 8, key: fold(randomKey(7), step) });
}
dataset.close();
console.log(process.resourceUsage().maxRSS);
