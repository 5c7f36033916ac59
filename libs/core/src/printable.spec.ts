import { printable } from './printable';

describe('printable', () => {
  it.each([
    ['an escape sequence', 'x\u001b[2J.wav', 'x\\u001b[2J.wav'],
    ['a control sequence of one character', 'x\u009b2J.wav', 'x\\u009b2J.wav'],
    ['line breaks', 'a\r\nb\u2028c.wav', 'a\\r\\nb\\u2028c.wav'],
    ['marks from right to left', 'take\u202evaw.exe\u200f', 'take\\u202evaw.exe\\u200f'],
    ['half a surrogate pair', 'a\ud83cb', 'a\\ud83cb'],
  ])('escapes %s', (_, name, expected) => {
    expect(printable(name)).toBe(expected);
  });

  it('leaves names in any script unchanged', () => {
    const name = 'Étude №3, “Адажио” 夜曲 שיר 👩‍🎤.wav';
    expect(printable(name)).toBe(name);
  });
});
