import { parentPort, type Transferable } from 'node:worker_threads';

import { UserError } from '@fermata/core';

import { waiting } from '../files/source';
import type { Reply, Request } from './messages';
import { measureRecording, readCodes } from './readRecording';

// The module of the thread that `RecordingReader` starts.

const send = (reply: Reply, transfer: readonly Transferable[] = []) => {
  parentPort!.postMessage(reply, transfer);
};

// Decoders complain here. One of them would then try again without end.
console.error = (...message: unknown[]) => {
  throw new Error(message.join(' '));
};

const heartbeat = setInterval(() => {
  send({ kind: 'alive' });
}, 500);
heartbeat.unref();

async function answer(request: Request): Promise<void> {
  try {
    if (request.kind === 'measure') {
      send({ kind: 'measured', measured: measureRecording(request.path) });
      return;
    }
    const onDecoded = (seconds: number) => {
      send({ kind: 'progress', seconds });
    };
    const { codes, notes } = await readCodes(request.path, { ...request.options, onDecoded });
    send({ kind: 'read', codes, notes }, [codes.buffer]);
  } catch (error) {
    if (error instanceof UserError) send({ kind: 'refused', problem: error.problem, remedy: error.remedy });
    else send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

parentPort!.on('message', (request: Request) => void answer(request));
send({ kind: 'ready', waiting: waiting.buffer as SharedArrayBuffer });
