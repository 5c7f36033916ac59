import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const own = join(__dirname, '..');
const addon = join(own, 'build', 'fermata.node');

it('made the addon here, if any, of the present sources: else run `npm run build:kernels`', () => {
  const { isComplete } = jest.requireActual<{ isComplete: () => boolean }>('../build.js');
  expect(isComplete()).toBe(existsSync(addon));
});

// A quick compiler. An object is the first line of its source, made in two halves; an addon is the real one, made in two
// halves, with all objects behind it. It refuses a source with #error, and half objects.
const compiler = `#!/bin/sh
for argument; do
  case "$argument" in
    *.cc) source=$argument ;;
    *.o) objects="$objects $argument" ;;
  esac
  if [ "$before" = -o ]; then out=$argument; fi
  before=$argument
done
if [ "$1" = --version ]; then echo quick
elif [ -n "$source" ]; then
  if grep -q '#error' "$source"; then exit 1; fi
  printf half > "$out"; sleep 0.01; (head -n 1 "$source"; echo whole) > "$out"
else
  for object in $objects; do
    case $object in "$out") ;; *) grep -q '^whole' "$object" || exit 1 ;; esac
  done
  head -c 1000 "$ADDON" > "$out"; sleep 0.1; cat "$ADDON" $objects > "$out"
fi
`;

(existsSync(addon) && process.platform === 'linux' ? describe : describe.skip)(
  'a build of the kernels',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });
    const environment: NodeJS.ProcessEnv = { ...process.env, CXX: join(folder, 'c++'), ADDON: addon };
    delete environment.FERMATA_NATIVE;
    const made = join(folder, 'build', 'fermata.node');

    beforeAll(() => {
      for (const name of ['build.js', 'compile.js', 'native']) {
        cpSync(join(own, name), join(folder, name), { recursive: true });
      }
      mkdirSync(join(folder, 'node_modules'));
      for (const name of ['node-addon-api', 'node-api-headers']) {
        const installed = dirname(require.resolve(`${name}/package.json`));
        symlinkSync(installed, join(folder, 'node_modules', name), 'junction');
      }
      writeFileSync(environment.CXX!, compiler, { mode: 0o755 });
    });

    const command = (...options: string[]) => [join(folder, 'build.js'), ...options];
    const build = (...options: string[]) =>
      spawnSync(process.execPath, command(...options), { env: environment, encoding: 'utf8' });
    const change = (line: string) => {
      writeFileSync(join(folder, 'native', 'stack.cc'), `${line}\n`);
    };

    it('that is killed leaves the old addon, or the new one, and the next makes the new one', async () => {
      change('// first');
      expect(build().status).toBe(0);
      change('// second');
      const begin = Date.now();
      expect(build().status).toBe(0);
      const whole = Date.now() - begin;
      for (let eighth = 1; eighth <= 8; eighth += 2) {
        const before = readFileSync(made);
        change(`// killed after ${eighth} eighths`);
        const child = spawn(process.execPath, command(), {
          env: environment,
          detached: true,
          stdio: 'ignore',
        });
        await sleep((whole * eighth) / 8);
        if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
        if (!readFileSync(made).equals(before))
          expect(readFileSync(made).includes(`${eighth} eighths`)).toBe(true);
        expect(build().status).toBe(0);
        expect(readFileSync(made).includes(`${eighth} eighths`)).toBe(true);
        expect(readFileSync(made, 'latin1').endsWith('whole\n')).toBe(true);
      }
    }, 120_000);

    it('beside another ends as one alone', async () => {
      change('// two at once');
      rmSync(join(folder, 'build'), { recursive: true });
      const children = [1, 2].map(() =>
        spawn(process.execPath, command(), { env: environment, stdio: 'inherit' }),
      );
      const codes = await Promise.all(
        children.map((child) => new Promise((done) => child.once('exit', done))),
      );
      expect(codes).toEqual([0, 0]);
      expect(readFileSync(made).includes('// two at once')).toBe(true);
    });

    it('makes a damaged addon again', () => {
      truncateSync(made, 5000);
      expect(build().status).toBe(0);
      expect(readFileSync(made, 'latin1').endsWith('whole\n')).toBe(true);
    });

    it('of a broken kernel fails, removes the old addon, and passes only as --optional', () => {
      change('#error broken');
      for (const option of [[], ['--if-compiler'], ['--optional']]) {
        const { status, stderr } = build(...option);
        expect([option, status]).toEqual([option, option[0] === '--optional' ? 0 : 1]);
        expect(stderr).toContain('c++ failed at native/stack.cc (see ');
        expect(existsSync(made)).toBe(false);
      }
    });

    it('without a compiler passes with a word before tests and at an installation', () => {
      for (const option of [[], ['--if-compiler'], ['--optional']]) {
        const env = { ...environment, CXX: '', PATH: folder + '/none' };
        const { status, stderr } = spawnSync(process.execPath, command(...option), { env, encoding: 'utf8' });
        expect([option, status]).toEqual([option, option.length === 0 ? 1 : 0]);
        expect(stderr).toContain('there is no C++ compiler: install g++ or clang++');
      }
    });

    it('refuses an unknown option', () => {
      expect(build('--help').stderr).toContain('--help is not an option of build.js');
    });
  },
);
