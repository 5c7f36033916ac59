import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { UserError } from '@fermata/core';

import { findSources } from './sources';
import { readLabels, type Labels } from './tables';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tables-'));
  for (const name of ['a.wav', 'b.wav', 'c.wav']) file(name, '');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), contents);
}

const labels = (): Labels => readLabels(findSources([folder]));
const splitOf = (name: string) => labels().of.get(join(folder, name))?.split;

const table =
  'file,composer,title,split\na.wav,Bach,Aria,train\nb.wav,Bach,"Gigue, in G",validation\nc.wav,Bach,Air,test\n';

describe('readLabels', () => {
  it.each([
    ['train', 'train'],
    ['training', 'train'],
    ['validation', 'validation'],
    ['valid', 'validation'],
    ['val', 'validation'],
    ['dev', 'validation'],
    ['Test', 'test'],
    ['testing', 'test'],
  ])('understands %s as the split %s', (word, split) => {
    file('list.csv', `file,split\na.wav,${word}\n`);
    expect(splitOf('a.wav')).toBe(split);
  });

  const swapped = (separator: string) =>
    table.replace('Gigue, in G', 'Gigue').replaceAll('"', '').replaceAll(',', separator);
  const utf16 = Buffer.from(`\ufeff${table}`, 'utf16le');
  it.each<[kind: string, contents: string | Uint8Array]>([
    ['commas', table],
    ['semicolons', swapped(';')],
    ['semicolons and commas in titles', swapped(';').replace('Gigue', 'Gigue, in G, and file, composer')],
    ['tabs', swapped('\t')],
    ['bars', swapped('|')],
    ["Excel's line for the separator", `sep=;\r\n${swapped(';').replaceAll('\n', '\r\n')}`],
    ['UTF-16', utf16],
    ['UTF-16 without a mark', utf16.subarray(2)],
    ['UTF-16 of the other order', Buffer.from(utf16).swap16()],
    ['a mark of UTF-8', `\ufeff${table}`],
    ['Windows-1252', Buffer.from(table.replace('Aria', 'Prélude'), 'latin1')],
    ['spaces and capitals in its headings', table.replace('file,composer', ' File Name , Composer')],
    ['an unquoted quote', table.replace('Aria', 'Aria "in G"')],
  ])('reads a table with %s', (_, contents) => {
    file('list.csv', contents);
    expect(['a.wav', 'b.wav', 'c.wav'].map(splitOf)).toEqual(['train', 'validation', 'test']);
    expect([labels().notes, labels().missing]).toEqual([[], []]);
  });

  it('keeps letters of Windows-1252', () => {
    file('list.csv', Buffer.from('file,title\na.wav,Prélude\n', 'latin1'));
    expect(labels().of.get(join(folder, 'a.wav'))).toEqual({ title: 'Prélude' });
  });

  it.each([
    [
      'an object of columns, as MAESTRO has',
      { audio_filename: { 0: 'a.wav', 1: 'b.wav' }, split: { 0: 'train', 1: 'test' } },
    ],
    [
      'lists for its columns',
      { audio_filename: ['a.wav', 'b.wav'], split: ['train', 'test'], year: [2018, 2018] },
    ],
    [
      'a list of records',
      [
        { file: 'a.wav', split: 'train' },
        { file: 'b.wav', split: 'test', year: 2018 },
      ],
    ],
  ])('reads JSON with %s', (_, json) => {
    file('list.json', JSON.stringify(json));
    expect(['a.wav', 'b.wav'].map(splitOf)).toEqual(['train', 'test']);
  });

  it('leaves other JSON alone, and says so of what looks like a table', () => {
    file('codes.json', '{"row":"1.2","run":"abc","codes":[1,2]}');
    file('broken.json', '{"file": ["a.wav"');
    expect(findSources([folder]).others).toEqual({ '.json': 1 });
    expect(labels().notes).toEqual([
      expect.stringMatching(/^broken\.json was ignored: the JSON cannot be read \(.*\)\.$/),
    ]);
  });

  it.each([
    ['backslashes', 'x/d.wav', 'x\\d.wav'],
    ['a composed letter for two', 'Pre\u0301lude.wav', 'Pr\u00e9lude.wav'],
    ['two letters for a composed one', 'Pr\u00e9lude.wav', 'Pre\u0301lude.wav'],
    ['another case', 'x/D.WAV', 'X/d.wav'],
    ['a dot before it', 'x/d.wav', './x/d.wav'],
  ])('finds a file by its name with %s', (_, name, written) => {
    file(name, '');
    file('list.csv', `file,split\n${written},test\n`);
    expect(splitOf(name)).toBe('test');
    expect(labels().missing).toEqual([]);
  });

  it('does not choose between names that differ only in case', () => {
    file('d.wav', '');
    file('D.wav', '');
    file('list.csv', 'file,split\nd.wav,test\nD.WAV,train\n');
    expect([splitOf('d.wav'), splitOf('D.wav')]).toEqual(['test', undefined]);
    expect(labels().missing).toEqual([{ file: 'D.WAV', reason: 'list.csv names it, but it does not exist' }]);
  });

  it('holds a file out that has two splits, and says so', () => {
    file('list.csv', `${table}a.wav,Bach,Aria,test\n`);
    file('more.tsv', 'file\tsplit\nc.wav\tvalidation\n');
    expect([splitOf('a.wav'), splitOf('c.wav')]).toEqual(['test', 'test']);
    expect(labels().notes).toEqual([
      'a.wav is in the splits train and test: it counts in test.',
      'c.wav is in the splits validation and test: it counts in test.',
    ]);
  });

  it('takes a column of another name for the split where it can be nothing else', () => {
    file('list.csv', 'file,subset\na.wav,train\nb.wav,Test\n');
    expect([splitOf('a.wav'), splitOf('b.wav')]).toEqual(['train', 'test']);
    file('list.csv', 'file,set\na.wav,train\nb.wav,first concert\n');
    expect(splitOf('a.wav')).toBeUndefined();
  });

  it('names rows with more or fewer cells than columns', () => {
    file('list.csv', 'file,split,title\na.wav,train,Aria, in G\nb.wav\nc.wav,test,Air,,\n');
    expect(labels().notes).toEqual([
      'list.csv: row 2, row 3 have more or fewer cells than the table has columns.',
    ]);
    expect(splitOf('c.wav')).toBe('test');
  });

  it('refuses a split that it does not know, with its place', () => {
    file('list.csv', 'sep=;\nfile;split\na.wav;train\nb.wav;tset\n');
    expect(labels).toThrow(UserError);
    expect(labels).toThrow(`${join(folder, 'list.csv')}, row 4: the split 'tset' is unknown.`);
  });
});
