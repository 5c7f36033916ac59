import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { lockFolder } from './lock';

jest.setTimeout(60_000); // processes and disks may be busy

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const script = `require(process.argv[1]).lockFolder(process.argv[2]); process.stdout.write('locked');`;
// Repeats fromSources of @fermata/testing, which depends on this library and cannot be imported here.
const register = join(__dirname, '../../testing/register.js');
const command = ['--require', register, '-e', script, join(__dirname, 'lock.ts'), folder];

describe('lockFolder', () => {
  it('admits one process at a time', () => {
    const release = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow('this process is already writing in this folder');
    const other = spawnSync(process.execPath, command, { encoding: 'utf8' });
    expect(other.stderr).toContain(`process ${process.pid} on ${hostname()} is writing in this folder.`);
    expect(other.stdout).toBe('');
    release();
    expect(readdirSync(folder)).toEqual([]);
    lockFolder(folder)();
  });

  it('is held by a living process and taken over from a dead one', async () => {
    const staying = command.map((part) => (part === script ? `${part} setInterval(() => {}, 1000);` : part));
    const other = spawn(process.execPath, staying, { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => other.stdout.once('data', resolve));
    expect(() => lockFolder(folder)).toThrow(`process ${other.pid} on`);
    expect(readdirSync(folder)).toHaveLength(1);
    other.kill('SIGKILL');
    await new Promise((resolve) => other.once('exit', resolve));
    expect(readdirSync(folder)).toHaveLength(1);
    const release = lockFolder(folder);
    expect(readdirSync(folder)).toEqual([expect.stringContaining(`.${process.pid}.`)]);
    release();
  });

  it('does not mistake a process for an earlier one with the same number', () => {
    writeFileSync(join(folder, `lock.${encodeURIComponent(hostname())}.${process.ppid}.1`), '');
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('cannot check if a process on another computer is alive', () => {
    const foreign = join(folder, 'lock.another.host.12.345');
    writeFileSync(foreign, '');
    expect(() => lockFolder(folder)).toThrow(
      `${foreign}: process 12 on another.host is writing in this folder. Wait until it is done; if it is gone, delete the file.`,
    );
    rmSync(foreign);
  });
});
