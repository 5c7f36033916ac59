import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkDeclarations } from './checkDeclarations';
import { writeKernelSpec } from './kernel';
import { runNotebook } from './runNotebook';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'notebooks-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function makePackage(name: string, declarations: string): void {
  const place = join(folder, 'libs', name);
  mkdirSync(place, { recursive: true });
  mkdirSync(join(folder, 'node_modules', '@fermata'), { recursive: true });
  writeFileSync(
    join(place, 'package.json'),
    JSON.stringify({ name: `@fermata/${name}`, types: 'index.d.ts' }),
  );
  writeFileSync(join(place, 'index.d.ts'), declarations);
  symlinkSync(place, join(folder, 'node_modules', '@fermata', name), 'junction');
}

describe('checkDeclarations', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'experiments'));
    makePackage('good', 'export declare function f(samples: Float32Array): Promise<number>;');
  });

  test('accepts declarations that TypeScript 5.0.4 reads, and names others', () => {
    expect(checkDeclarations(folder)).toEqual({ packages: ['@fermata/good'], errors: [] });
    makePackage('generic', 'export declare const a: Float32Array<ArrayBuffer>;');
    makePackage('newer', 'declare const a: number;\nexport { a as "any name" };');
    makePackage('mapped', "export * from 'nowhere/deep';");
    const { errors } = checkDeclarations(folder);
    expect(errors.join('\n')).toMatch(/generic.*index\.d\.ts\(1,.*is not generic/);
    expect(errors.join('\n')).toMatch(/newer.*index\.d\.ts\(2,/);
    expect(errors.join('\n')).toMatch(/mapped.*index\.d\.ts\(1,.*'nowhere\/deep'/);
    expect(errors.join('\n')).not.toContain('good');
  });

  test('asks for a build where there is none', () => {
    rmSync(join(folder, 'libs', 'good', 'index.d.ts'));
    expect(() => checkDeclarations(folder)).toThrow('Run `npm run build` first.');
  });
});

test('the kernel description starts the tslab of this checkout', () => {
  const { argv } = JSON.parse(readFileSync(join(writeKernelSpec(folder), 'kernel.json'), 'utf8')) as {
    argv: string[];
  };
  expect(argv[0]).toBe(process.execPath);
  expect(existsSync(argv[1])).toBe(true);
  expect(argv).toContain('{connection_file}');
});

test('failures that no cell waits for are kept, and the kernel continues', () => {
  const kept = join(folder, 'late.txt');
  const script = `
    void Promise.reject(new Error('rejected'));
    setTimeout(() => { throw new Error('thrown'); });
    setTimeout(() => { console.log('still here'); }, 20);`;
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--require', join(__dirname, '..', 'assets', 'keepLateFailures.js'), '--eval', script],
    { encoding: 'utf8', env: { ...process.env, FERMATA_NOTEBOOK_LATE_FAILURES: kept } },
  );
  expect([stdout, status]).toEqual(['still here\n', 0]);
  expect(readFileSync(kept, 'utf8')).toMatch(/^Error: rejected\n.*^Error: thrown\n/ms);
});

test('a heartbeat that tslab sends while it shuts down is no failure of the notebook', () => {
  const kept = join(folder, 'late-tslab.txt');
  const script = `
    const error = new Error('Socket is closed');
    const frame = process.argv[1];
    error.stack = 'Error: Socket is closed\\n    at ' + frame + ':510:33';
    void Promise.reject(error);`;
  const keep = (frame: string) => {
    spawnSync(
      process.execPath,
      ['--require', join(__dirname, '..', 'assets', 'keepLateFailures.js'), '--eval', script, frame],
      { env: { ...process.env, FERMATA_NOTEBOOK_LATE_FAILURES: kept } },
    );
    return existsSync(kept);
  };
  expect(keep('/home/someone/fermata/node_modules/tslab/dist/jupyter.js')).toBe(false);
  expect(keep('/home/someone/fermata/libs/audio/dist/wav.js')).toBe(true);
});

describe('runNotebook', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });

  test('says how to get Jupyter where it is missing', () => {
    process.env.PATH = folder;
    const notebook = join(folder, 'a.ipynb');
    writeFileSync(notebook, '{}');
    expect(() => runNotebook(notebook, folder)).toThrow(
      /pip install nbconvert.*apt install jupyter-nbconvert/,
    );
  });

  test('names a missing notebook', () => {
    expect(() => runNotebook(join(folder, 'b.ipynb'), folder)).toThrow('b.ipynb: there is no such notebook.');
  });
});

describe('the notebooks of this repository', () => {
  const notebooks = join(__dirname, '..', '..', '..', 'notebooks');
  const names = readdirSync(notebooks).filter((name) => name.endsWith('.ipynb'));
  interface Cell {
    readonly cell_type: string;
    readonly execution_count?: number | null;
    readonly outputs?: readonly unknown[];
    readonly source: readonly string[];
  }

  test.each(names)('%s is kept without outputs, and explains each cell before it', (name) => {
    const { cells, metadata } = JSON.parse(readFileSync(join(notebooks, name), 'utf8')) as {
      cells: Cell[];
      metadata: { kernelspec: { name: string } };
    };
    expect(metadata.kernelspec.name).toBe('tslab');
    cells.forEach((cell, index) => {
      if (cell.cell_type !== 'code') return;
      expect([cell.execution_count, cell.outputs]).toEqual([null, []]);
      expect(cells[index - 1]).toMatchObject({ cell_type: 'markdown' });
      expect(cell.source.length).toBeLessThanOrEqual(30);
    });
  });
});
