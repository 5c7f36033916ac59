import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readLabels } from './tables';

const folder = mkdtempSync(join(tmpdir(), 'tables-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('readLabels', () => {
  it.each([
    ['train', 'train'],
    ['training', 'train'],
    ['validation', 'validation'],
    ['valid', 'validation'],
    ['val', 'validation'],
    ['dev', 'validation'],
    ['test', 'test'],
    ['testing', 'test'],
  ])('understands %s as the split %s', (word, split) => {
    const [table, recording] = ['list.csv', 'a.wav'].map((name) => join(folder, name));
    writeFileSync(recording, '');
    writeFileSync(table, `file,split\na.wav,${word}\n`);
    const { of } = readLabels([{ id: 'list.csv', path: table, size: 1, changed: 1 }]);
    expect(of.get(recording)).toEqual({ split });
  });
});
