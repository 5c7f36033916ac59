import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { lockFolder, outputMarker, type Progress } from '@fermata/core';

import { DatasetWriter, openOrMake, type Dataset } from '.';

const description = { made: 'by a test' };
let folder: string;
let made: number;
const opened: Dataset[] = [];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'dataset-')), 'data');
  made = 0;
});
afterEach(() => {
  for (const dataset of opened.splice(0)) dataset.close();
  rmSync(join(folder, '..'), { recursive: true });
});

async function make(): Promise<Dataset> {
  made++;
  const writer = new DatasetWriter(folder, { symbols: 256, rate: 16000, description });
  try {
    await delay(100);
    writer.add({ id: 'a', source: 'a.wav', split: 'train' }, Uint8Array.of(1, 2, 3));
    return writer.finish();
  } finally {
    writer.close();
  }
}

async function openedOrMade(options: Partial<Parameters<typeof openOrMake>[1]> = {}): Promise<Dataset> {
  const dataset = await openOrMake(folder, { description, make, ...options });
  opened.push(dataset);
  return dataset;
}

describe('openOrMake', () => {
  it('lets one process make the dataset while others wait', async () => {
    const heard: Progress[] = [];
    const [first, second] = await Promise.all([
      openedOrMade(),
      openedOrMade({ onProgress: (progress) => heard.push(progress) }),
    ]);
    expect(made).toBe(1);
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(heard[0]).toMatchObject({ stage: 'wait', done: 0 });
    expect(heard[0].detail).toMatch(/^.*data: this process is already writing in this folder\. Wait until/);
    expect(readdirSync(folder).sort()).toEqual([
      outputMarker,
      'index.json',
      'shard-00000.bin',
      'verified.json',
    ]);
    await openedOrMade();
    expect(made).toBe(1);
  });

  it('makes the dataset if the other process did not', async () => {
    const failing = openedOrMade({ make: () => delay(100).then(() => Promise.reject(new Error('stopped'))) });
    const waiting = openedOrMade();
    await expect(failing).rejects.toThrow('stopped');
    await waiting;
    expect(made).toBe(1);
  });

  it('makes a damaged dataset again, and says so', async () => {
    await openedOrMade();
    const heard: string[] = [];
    const onDamaged = (message: string) => heard.push(message);
    writeFileSync(join(folder, 'shard-00000.bin'), Uint8Array.of(1, 0, 0));
    const again = await openedOrMade({ onDamaged });
    expect(made).toBe(2);
    expect(Array.from(again.read(again.pieces[0]))).toEqual([1, 2, 3]);
    const damage = '1 of its 1 pieces are damaged, such as a. The data are made again.';
    expect(heard).toEqual([`${join(folder, 'shard-00000.bin')}: ${damage}`]);
    await openedOrMade({ onDamaged });
    expect([made, heard.length]).toEqual([2, 1]);
  });

  it('can be stopped while it waits', async () => {
    const release = lockFolder(folder);
    const stop = new AbortController();
    const waiting = openedOrMade({
      onProgress: () => {
        stop.abort();
      },
      signal: stop.signal,
    });
    await expect(waiting).rejects.toThrow('aborted');
    release();
    expect(made).toBe(0);
  });
});
