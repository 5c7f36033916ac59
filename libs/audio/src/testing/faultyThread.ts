// A thread for a spec of the reader: it has a fault of the kind that a path names.
import { parentPort } from 'node:worker_threads';

import { waiting } from '../files/source';
import type { Reply, Request } from '../recordings/messages';

const send = (reply: Reply) => {
  parentPort!.postMessage(reply);
};

setInterval(() => {
  send({ kind: 'alive' });
}, 500);

const kept: object[] = [];

parentPort!.on('message', ({ path }: Request) => {
  if (path === 'endless loop') for (;;);
  if (path === 'endless memory') for (;;) kept.push({ kept: new Array(1000).fill(path) });
  if (path === 'exit') process.exit(0);
  if (path === 'exception') throw new Error('a decoder of another person');
  if (path === 'slow disk') {
    // A thread cannot be interrupted while it waits for a file system, either.
    waiting[0] = 1;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3500);
    waiting[0] = 0;
  }
  send({ kind: 'measured', measured: { isMidi: false, seconds: 1 } });
});

send({ kind: 'ready', waiting: waiting.buffer as SharedArrayBuffer });
