import { runCaptured } from './testing/captured';

/** Runs a command that must fail, and returns its one line. */
async function complaint(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runCaptured('bench', ...args);
  expect([status, stdout]).toEqual([1, '']);
  return stderr.trimEnd();
}

describe('fermata bench', () => {
  it.each([
    [
      ['train', '--channels', '0'],
      `option '--channels <number>' argument '0' is invalid. Give an integer of at least 1.`,
    ],
    [
      ['train', '--length', '1'],
      `option '--length <number>' argument '1' is invalid. Give an integer of at least 2.`,
    ],
    [
      ['train', '--threads', '1.5'],
      `option '--threads <number>' argument '1.5' is invalid. Give an integer from 1 to 999.`,
    ],
    [
      ['sample', '--weights', 'fp7'],
      `option '--weights <format>' argument 'fp7' is invalid. Allowed choices are fp32, bf16, int8.`,
    ],
    [
      ['data', '--peers', 'jax'],
      `option '--peers <name...>' argument 'jax' is invalid. Allowed choices are wasm, tensorflow, pytorch, none.`,
    ],
    [['train', '--chanels', '8'], `unknown option '--chanels'. Did you mean --channels?`],
  ])('%p is one line', async (args, problem) => {
    expect(await complaint(...args)).toBe(`fermata: ${problem} See \`fermata bench ${args[0]} --help\`.`);
  });

  it('knows its benchmarks', async () => {
    expect(await complaint('trian')).toBe(
      `fermata: unknown command 'trian'. Did you mean train? See \`fermata bench --help\`.`,
    );
  });

  it('refuses an empty path', async () => {
    expect(await complaint('train', '--python', '')).toBe(
      'fermata: A path is empty. Check the variable that it comes from.',
    );
  });

  it.each(['train', 'sample', 'data'])('explains %s', async (name) => {
    const { status, stdout } = await runCaptured('bench', name, '--help');
    expect([status, stdout]).toEqual([0, expect.stringContaining('--peers <name...>')]);
  });
});
