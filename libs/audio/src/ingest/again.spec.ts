import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Progress } from '@fermata/core';

import { musicFolder } from '../testing/musicFolder';

const { folder, cache, tone, ingested } = musicFolder();

describe('ingest, a second time', () => {
  it('reuses a dataset, and notices changes', async () => {
    ['a.wav', 'b.wav', 'c.wav'].forEach((name, index) => {
      tone(name, 1 + index, index);
    });
    const first = await ingested();
    const read: Progress[] = [];
    const onProgress = (progress: Progress) => read.push(progress);
    const second = await ingested({ onProgress });
    expect(read).toEqual([]);
    expect(second.folder).toBe(first.folder);

    // A new time: made again, with the same result.
    utimesSync(join(folder, 'a.wav'), new Date(), new Date(Date.now() + 5000));
    const touched = await ingested({ onProgress });
    expect(read).not.toEqual([]);
    expect(touched.fingerprint).toBe(first.fingerprint);

    tone('a.wav', 1, 77);
    utimesSync(join(folder, 'a.wav'), new Date(), new Date(Date.now() + 9000));
    expect((await ingested()).fingerprint).not.toBe(first.fingerprint);
    expect((await ingested({ sampleRate: 800 })).rate).toBe(800);
    const fine = await ingested({ symbols: 1024 });
    expect(fine.read(fine.pieces[0], 0, 1)).toBeInstanceOf(Uint16Array);
  });

  it('notices a changed length of a file with the same time', async () => {
    ['a.wav', 'b.wav', 'c.wav'].forEach((name, index) => {
      tone(name, 2, index);
    });
    const longAgo = new Date(2001, 1, 1);
    utimesSync(join(folder, 'a.wav'), longAgo, longAgo);
    const { fingerprint } = await ingested();
    tone('a.wav', 3, 0);
    utimesSync(join(folder, 'a.wav'), longAgo, longAgo);
    expect((await ingested()).fingerprint).not.toBe(fingerprint);
  });

  it('notices changes in a CSV file', async () => {
    ['a.wav', 'b.wav', 'c.wav'].forEach((name, index) => {
      tone(name, 2, index);
    });
    const list = (b: string, c: string) => {
      writeFileSync(join(folder, 'list.csv'), `file,split\na.wav,train\nb.wav,${b}\nc.wav,${c}\n`);
    };
    list('test', 'validation');
    const { fingerprint } = await ingested();
    list('val', 'test');
    expect((await ingested()).fingerprint).not.toBe(fingerprint);
  });

  it('continues where it was stopped, to the same dataset', async () => {
    for (let index = 0; index < 6; index++) tone(`${index}.wav`, 1 + (index % 2), index);
    const { fingerprint } = await ingested({ folder: `${cache}2` });
    const controller = new AbortController();
    const before = new Set<string>();
    const stopped = ingested({
      signal: controller.signal,
      onProgress: ({ detail }) => {
        before.add(detail!);
        if (before.size === 4) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow('abort');

    const after = new Set<string | undefined>();
    const dataset = await ingested({ onProgress: ({ detail }) => after.add(detail) });
    const [first, second, third] = before;
    for (const done of [first, second, third]) expect(after).not.toContain(done);
    expect(dataset.fingerprint).toBe(fingerprint);
  });
});
