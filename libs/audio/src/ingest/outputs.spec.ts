import { execFileSync } from 'node:child_process';
import fs, { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { UserError, makeOutputFolder } from '@fermata/core';

import { openAudioWriter, writeWav } from '../files';
import { writableExtensions } from '../files/writing/format';
import { musicFolder, rate } from '../testing/musicFolder';

const { folder, file, tone, ingested } = musicFolder();
const idsOf = ({ pieces }: { readonly pieces: readonly { readonly id: string }[] }) =>
  pieces.map(({ id }) => id).sort();

beforeEach(() => {
  ['a.wav', 'b.wav', 'c.wav'].forEach((name, index) => {
    tone(name, 1 + index, index);
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('what Fermata wrote', () => {
  it.each(writableExtensions)('is no recording: a .%s file of any name', async (extension) => {
    const before = await ingested();
    const writer = await openAudioWriter(join(folder, `music.${extension}`), { rate: 8000 });
    await writer.write(Float32Array.from({ length: 8000 }, (_, t) => 0.1 * Math.sin(t / 7)));
    await writer.close();
    renameSync(join(folder, `music.${extension}`), join(folder, `take-17.${extension}`));
    const after = await ingested();
    expect(after.folder).toBe(before.folder);
    expect(idsOf(after)).toEqual(['a.wav', 'b.wav', 'c.wav']);
    expect(after.notes).toEqual([
      `Fermata wrote these itself, and left them out: take-17.${extension}.`,
      ...before.notes,
    ]);
  });

  it('is no recording: a folder of any name, with tables in it', async () => {
    const before = await ingested();
    makeOutputFolder(join(folder, 'piano'));
    tone('piano/audio/d.wav', 4);
    file('piano/tables/data.csv', 'file,split\n../a.wav,test\n');
    const after = await ingested();
    expect(after.folder).toBe(before.folder);
    expect(after.notes).toContain('Fermata wrote these itself, and left them out: piano/.');
  });

  it('is refused where it is all that there is', async () => {
    writeWav(join(folder, 'own.wav'), new Float32Array(rate).fill(0.5), rate);
    const own = join(folder, 'own.wav');
    await expect(ingested({ source: own })).rejects.toThrow(
      `${own}: Fermata wrote all its music itself (own.wav). Name a folder`,
    );
  });
});

describe('what is neither a file nor a folder', () => {
  it('is skipped with the reason', async () => {
    symlinkSync('self.wav', join(folder, 'self.wav'));
    symlinkSync('self', join(folder, 'self'));
    symlinkSync(folder, join(folder, 'again'), 'junction');
    symlinkSync('gone', join(folder, 'gone.txt'));
    execFileSync('mkfifo', [join(folder, 'pipe.wav'), join(folder, 'pipe')]);
    symlinkSync('/dev/zero', join(folder, 'zero.wav'));
    const dataset = await ingested();
    expect(idsOf(dataset)).toEqual(['a.wav', 'b.wav', 'c.wav']);
    expect(dataset.skipped).toEqual([
      { file: 'pipe.wav', reason: 'this is a pipe, not a file' },
      { file: 'self', reason: 'the link leads back to itself' },
      { file: 'self.wav', reason: 'the link leads back to itself' },
      { file: 'zero.wav', reason: 'this is a device, not a file' },
    ]);
    expect(dataset.notes).toContain('Files that are not audio were ignored: 1 .txt, 1 without extension.');
  });

  it('is refused where it is named', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.wav')]);
    await expect(ingested({ source: join(folder, 'pipe.wav') })).rejects.toThrow(
      new UserError(`${join(folder, 'pipe.wav')}: this is a pipe, not a file.`, 'Name a file or a folder.'),
    );
  });
});

it('a folder that cannot be listed is skipped with the reason', async () => {
  mkdirSync(join(folder, 'lost'));
  const { readdirSync } = fs;
  jest.spyOn(fs, 'readdirSync').mockImplementation(((path: string, ...rest: []) => {
    if (path.endsWith('lost')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    return readdirSync(path, ...rest);
  }) as typeof readdirSync);
  const dataset = await ingested();
  expect(idsOf(dataset)).toEqual(['a.wav', 'b.wav', 'c.wav']);
  expect(dataset.skipped).toEqual([{ file: 'lost', reason: 'permission denied' }]);
});

it('a name that is not UTF-8 is skipped with the reason', async () => {
  fs.writeFileSync(
    Buffer.concat([Buffer.from(`${folder}/pr`), Buffer.of(0xe9), Buffer.from('lude.wav')]),
    '',
  );
  const dataset = await ingested();
  expect(dataset.skipped).toEqual([{ file: 'pr\ufffdlude.wav', reason: 'its name is not UTF-8' }]);
});
