import { UserError } from '@fermata/core';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { currentCommit } from './provenance';
import { defaultRunsFolder, RunStore } from './runStore';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-'));
});
afterEach(() => {
  delete process.env.FERMATA_RUNS;
  rmSync(folder, { recursive: true });
});

describe('RunStore', () => {
  const identity = { config: { model: { layers: 3 }, training: { steps: 5 } }, seed: 1, data: 'abc' };

  it('is in the folder that FERMATA_RUNS names', () => {
    expect(defaultRunsFolder()).toBe(resolve('.fermata/runs'));
    process.env.FERMATA_RUNS = folder;
    expect(new RunStore().folder).toBe(folder);
  });

  it('names runs by what their numbers depend on', () => {
    const store = new RunStore(folder);
    const reordered = { data: 'abc', seed: 1, config: { training: { steps: 5 }, model: { layers: 3 } } };
    const { id } = store.run(identity);
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(store.run(reordered).id).toBe(id);
    expect(new RunStore(join(folder, 'elsewhere')).run(identity).id).toBe(id);
    const others = [
      { ...identity, seed: 2 },
      { ...identity, data: 'abd' },
      { ...identity, config: { ...identity.config, model: { layers: 4 } } },
    ];
    expect(new Set([id, ...others.map((other) => store.run(other).id)]).size).toBe(4);
  });

  it('lists runs that have begun', () => {
    const store = new RunStore(folder);
    expect(store.list()).toEqual([]);
    const run = store.run(identity);
    expect(existsSync(run.folder)).toBe(false);
    run.open()();
    mkdirSync(join(folder, 'notes'));
    expect(store.list()).toEqual([run]);
    expect(store.list()[0].result()).toBeUndefined();
  });

  it('removes temporary files of killed processes', () => {
    const run = new RunStore(folder).run(identity);
    run.open()();
    writeFileSync(run.file('provenance.json.123.tmp'), '{ "run"');
    run.open()();
    expect(readdirSync(run.folder)).toEqual(['.fermata-output', 'checkpoints', 'config.json']);
  });

  it('notices the folder of another run, and one that is not JSON', () => {
    const store = new RunStore(folder);
    const run = store.run(identity);
    run.open()();
    run.writeJson('config.json', { ...identity, schemaVersion: 1, seed: 2 });
    expect(() => store.run(identity)).toThrow(`${run.file('config.json')}: not the config of this run.`);
    writeFileSync(run.file('config.json'), '{');
    expect(() => store.run(identity)).toThrow(UserError);
  });

  it('names the remedy if it cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');
    const run = new RunStore(join(folder, 'file', 'runs')).run(identity);
    expect(() => run.open()).toThrow(
      /a part of the path is a file, .* FERMATA_RUNS names the folder of all runs\.$/,
    );
  });
});

describe('currentCommit', () => {
  const [first, second] = ['a'.repeat(40), 'b'.repeat(40)];
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  it('reads a branch, loose or packed, from any folder below', () => {
    write('.git/HEAD', 'ref: refs/heads/main\n');
    write('.git/packed-refs', `# pack-refs with: peeled\n${first} refs/heads/main\n`);
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    expect(currentCommit(join(folder, 'a/b'))).toBe(first);
    write('.git/refs/heads/main', `${second}\n`);
    expect(currentCommit(folder)).toBe(second);
  });

  it('reads a detached head and a linked worktree', () => {
    write('main/.git/HEAD', `${first}\n`);
    expect(currentCommit(join(folder, 'main'))).toBe(first);
    write('main/.git/refs/heads/side', `${second}\n`);
    write('main/.git/worktrees/side/HEAD', 'ref: refs/heads/side\n');
    write('main/.git/worktrees/side/commondir', '../..\n');
    write('side/.git', `gitdir: ${join(folder, 'main/.git/worktrees/side')}\n`);
    expect(currentCommit(join(folder, 'side'))).toBe(second);
  });
});
