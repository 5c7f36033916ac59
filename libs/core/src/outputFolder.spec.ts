import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { claimOutputFolder, isOutputFolder, makeOutputFolder } from './outputFolder';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'output-')), 'out');
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true });
});

describe('makeOutputFolder', () => {
  it('marks a new folder, once', () => {
    makeOutputFolder(folder);
    makeOutputFolder(folder);
    expect(isOutputFolder(folder)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('leaves a folder with files of others unmarked', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'take.wav'), '');
    makeOutputFolder(folder);
    expect(isOutputFolder(folder)).toBe(false);
  });
});

describe('claimOutputFolder', () => {
  it('takes a missing folder, an empty one, and its own', () => {
    claimOutputFolder(folder, '');
    writeFileSync(join(folder, 'index.html'), '');
    claimOutputFolder(folder, '');
    expect(isOutputFolder(folder)).toBe(true);
    mkdirSync(join(folder, 'empty'));
    writeFileSync(join(folder, 'empty', '.DS_Store'), '');
    claimOutputFolder(join(folder, 'empty'), '');
    expect(isOutputFolder(join(folder, 'empty'))).toBe(true);
  });

  it('refuses a folder with files of others, unless they are its own without a mark', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'take.wav'), '');
    const claim = (isOwn: boolean) => () => {
      claimOutputFolder(folder, 'Choose another with --out.', () => isOwn);
    };
    expect(claim(false)).toThrow(
      `${folder}: this folder holds files that Fermata did not write, such as take.wav. Choose another with --out.`,
    );
    expect(isOutputFolder(folder)).toBe(false);
    expect(claim(true)).not.toThrow();
    expect(isOutputFolder(folder)).toBe(true);
  });
});
