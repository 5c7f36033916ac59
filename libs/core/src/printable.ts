// Control characters (escape sequences and line breaks among them), line separators, halves of surrogate pairs, marks that
// change the direction of text, and the byte order mark.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const short: Readonly<Record<string, string | undefined>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Escapes everything in a text that a terminal would obey rather than show, so that a file's name cannot clear the screen,
 * begin a line of its own or turn the text around: `x\u001b[2J.wav`. The result is one line.
 */
export function printable(text: string): string {
  return text.replace(
    unprintable,
    (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
