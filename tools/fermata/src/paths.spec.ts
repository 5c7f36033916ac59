import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { userPath } from './paths';

const root = join(__dirname, '../../..');
const before = { folder: process.cwd(), environment: { ...process.env } };
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fermata-')));
afterEach(() => {
  process.chdir(before.folder);
  process.env = { ...before.environment };
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A relative path as a command reads it that starts in a folder, with variables that npm sets. */
function pathFrom(current: string, variables: Record<string, string>): string {
  process.chdir(current);
  delete process.env.INIT_CWD;
  delete process.env.npm_package_json;
  Object.assign(process.env, variables);
  return userPath('take.wav');
}

describe('a relative path', () => {
  it('is relative to the current folder', () => {
    expect(pathFrom(folder, {})).toBe(join(folder, 'take.wav'));
  });

  it("is relative to the user's folder, if npm runs a script of Fermata in Fermata's folder", () => {
    const variables = { INIT_CWD: folder, npm_package_json: join(root, 'package.json') };
    expect(pathFrom(root, variables)).toBe(join(folder, 'take.wav'));
  });

  it.each<[string, string, Record<string, string>]>([
    ["another package's script starts the command", root, { npm_package_json: join(folder, 'package.json') }],
    ['the command runs in another folder', folder, { npm_package_json: join(root, 'package.json') }],
    ['npm is not involved', root, {}],
  ])('does not follow an inherited INIT_CWD: %s', (_, current, variables) => {
    expect(pathFrom(current, { INIT_CWD: tmpdir(), ...variables })).toBe(
      join(realpathSync(current), 'take.wav'),
    );
  });

  it('that is empty is an error', () => {
    expect(() => userPath('')).toThrow('A path is empty. Check the variable that it comes from.');
  });
});
