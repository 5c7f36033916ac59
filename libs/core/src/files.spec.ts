import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UserError } from './errors';
import {
  asFileError,
  makeFolder,
  requireWritableFile,
  requireWritableFolder,
  writeFileAtomic,
} from './files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** The message of the UserError that an act throws. */
function userMessage(act: () => void): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Limits the number of bytes that the system accepts per write. */
function limitWrites(allowed: (wanted: number) => number): void {
  const { writeSync } = fs;
  const limited = (descriptor: number, data: Uint8Array, offset: number) =>
    writeSync(descriptor, data, offset, allowed(data.length - offset));
  jest.spyOn(fs, 'writeSync').mockImplementation(limited as typeof writeSync);
}

/** Makes the disk full after this many bytes. */
function fillDiskAfter(bytes: number): void {
  let room = bytes;
  limitWrites((wanted) => {
    if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const written = Math.min(room, wanted);
    room -= written;
    return written;
  });
}

describe('writeFileAtomic', () => {
  it('writes text and bytes, and makes missing folders', () => {
    const path = join(folder, 'a', 'b', 'text');
    writeFileAtomic(path, 'Präludium\n');
    expect(readFileSync(path, 'utf8')).toBe('Präludium\n');
    writeFileAtomic(path, Uint8Array.of(0, 255, 128));
    expect([...readFileSync(path)]).toEqual([0, 255, 128]);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['text']);
  });

  it('continues after a partial write', () => {
    const path = join(folder, 'bytes');
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
    limitWrites((wanted) => Math.min(7, wanted));
    writeFileAtomic(path, bytes);
    expect([...readFileSync(path)]).toEqual([...bytes]);
  });

  it('keeps the old file and leaves nothing else when the disk is full', () => {
    const path = join(folder, 'checkpoint');
    writeFileAtomic(path, 'old');
    fillDiskAfter(10);
    expect(
      userMessage(() => {
        writeFileAtomic(path, 'new and longer than what fits');
      }),
    ).toBe(`${path}: the disk is full. ${goesOn}`);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['checkpoint']);
  });

  const goesOn = 'Free some space and run the same command again: it goes on where it stopped.';
});

describe('requireWritableFolder', () => {
  const choice = '--out names another folder.';

  it('makes the folder and leaves it empty', () => {
    const path = join(folder, 'reports', 'tiny');
    requireWritableFolder(path, choice);
    expect(readdirSync(path)).toEqual([]);
    writeFileSync(join(path, 'index.html'), '');
    requireWritableFolder(path, choice);
    expect(readdirSync(path)).toEqual(['index.html']);
  });

  it('names the folder and how to choose another', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(
      userMessage(() => {
        requireWritableFolder(file, choice);
      }),
    ).toBe(`${file}: a file of that name is in the way. ${choice}`);
    expect(
      userMessage(() => {
        requireWritableFolder(join(file, 'tiny'), choice);
      }),
    ).toBe(`${join(file, 'tiny')}: a part of the path is a file, not a folder. ${choice}`);
  });

  it('reports a folder that is not writable', () => {
    // Root may write everywhere, so the error of the system is simulated.
    jest.spyOn(fs, 'mkdtempSync').mockImplementation(() => {
      throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
    });
    expect(
      userMessage(() => {
        requireWritableFolder(folder, choice);
      }),
    ).toBe(`${folder}: the file system is read-only. ${choice}`);
  });
});

describe('requireWritableFile', () => {
  it('accepts a new file and an existing one, but not a folder', () => {
    const path = join(folder, 'new', 'take.wav');
    requireWritableFile(path, 'Choose another name.');
    expect(readdirSync(join(folder, 'new'))).toEqual([]);
    writeFileSync(path, 'old');
    requireWritableFile(path, 'Choose another name.');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(
      userMessage(() => {
        requireWritableFile(folder, 'Choose another name.');
      }),
    ).toBe(`${folder}: this is a folder, not a file. Choose another name.`);
  });
});

describe('asFileError', () => {
  it('adds a remedy to errors that the user can fix, and returns others unchanged', () => {
    const thrown = (act: () => unknown): unknown => {
      try {
        act();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const missing = asFileError(
      thrown(() => readFileSync(join(folder, 'none'))),
      'none',
    );
    expect(missing).toEqual(
      new UserError('none: there is no such file or folder.', 'Check the spelling of the path.'),
    );
    expect(
      asFileError(
        thrown(() => readFileSync(folder)),
        'x',
      ),
    ).toBeInstanceOf(UserError);
    const defect = new TypeError('x is not a function');
    expect(asFileError(defect, 'x')).toBe(defect);
    const unknown = Object.assign(new Error('EBADF'), { code: 'EBADF' });
    expect(asFileError(unknown, 'x')).toBe(unknown);
  });
});

describe('a file system that has the parent and still answers that it is missing, like /proc', () => {
  beforeEach(() => {
    const { mkdirSync: mkdir } = fs;
    jest.spyOn(fs, 'mkdirSync').mockImplementation(((path: string, options?: { recursive?: boolean }) => {
      if (options?.recursive === true) throw new Error('Node would never return from this call');
      if (path.startsWith(join(folder, 'proc')))
        throw Object.assign(new Error('ENOENT: no such file or directory, mkdir'), { code: 'ENOENT' });
      return mkdir(path, options);
    }) as typeof mkdir);
  });
  const place = () => join(folder, 'proc', 'runs');
  const problem = () => `${join(folder, 'proc')}: this file system lets nobody create a folder here.`;

  it('ends makeFolder and writeFileAtomic with an error', () => {
    for (const act of [
      () => {
        makeFolder(place());
      },
      () => {
        writeFileAtomic(join(place(), 'run'), '');
      },
    ]) {
      // prettier-ignore
      expect(userMessage(act)).toBe(`${problem()} Choose a folder on another file system.`);
    }
  });

  it('ends requireWritableFolder with the way to choose another folder', () => {
    expect(
      userMessage(() => {
        requireWritableFolder(place(), 'Name a folder in FERMATA_RUNS.');
      }),
    ).toBe(`${problem()} Name a folder in FERMATA_RUNS.`);
  });
});

it('makeFolder makes parents and leaves existing folders', () => {
  const path = join(folder, 'a', 'b');
  makeFolder(path);
  makeFolder(path);
  mkdirSync(join(path, 'c'));
  expect(readdirSync(path)).toEqual(['c']);
  writeFileSync(join(folder, 'file'), '');
  expect(() => {
    makeFolder(join(folder, 'file'));
  }).toThrow(UserError);
});
