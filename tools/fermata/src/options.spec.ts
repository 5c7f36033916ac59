import { real, settings } from './options';
import { runCaptured } from './testing/captured';

describe('a number', () => {
  it.each([
    ['.001', 0.001],
    ['1.', 1],
    ['+2', 2],
    ['-.5e-3', -0.0005],
    ['3e-3', 0.003],
    ['12', 12],
  ])('may be written %s', (text, value) => {
    expect(settings(`adam.epsilon=${text}`)).toEqual({ 'adam.epsilon': value });
    expect(real({})(text)).toBe(value);
  });

  it('is told from words and lists', () => {
    expect(settings('a=.')).toEqual({ a: '.' });
    expect(settings('a=1.2.3')).toEqual({ a: '1.2.3' });
    expect(settings('a=one-hot')).toEqual({ a: 'one-hot' });
    expect(settings('a=[1,2]', { b: 1 })).toEqual({ a: [1, 2], b: 1 });
  });
});

describe('an option before the row', () => {
  it('that takes one value works', async () => {
    expect((await runCaptured('train', '--scale', 'tiny', '1.9')).stderr).toMatch(
      /^fermata: Row 1\.9 is unknown\./,
    );
  });

  it.each([
    [
      'train --set clipNorm=1 1.2',
      "option '--set <name=value...>' argument '1.2' is invalid. Give a name and a value: quantiser.alpha=0.9. A row comes before the options. See `fermata train --help`.",
    ],
    [
      'train --data take.wav 1.2',
      "missing required argument 'row': --data takes all words after it, also 1.2. Put the arguments before the options. See `fermata train --help`.",
    ],
    [
      'encode --data piano --scale tiny --data 1.2 take.wav codes.json',
      "missing required argument 'words': --data takes all words after it, also codes.json. Put the arguments before the options. See `fermata encode --help`.",
    ],
    [
      'generate --data . 2.1',
      '--data takes all words after it, also 2.1, which is a row. Put the row before the options.',
    ],
  ])('that takes several is explained: %s', async (words, message) => {
    const { status, stderr } = await runCaptured(...words.split(' '));
    expect([status, stderr]).toEqual([1, `fermata: ${message}\n`]);
  });
});
