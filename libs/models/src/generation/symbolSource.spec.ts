import { DrawnSource, wholeSource } from './symbolSource';

/** Two streams that count up from `first`, one in hundreds, in chunks of 4, with a record of the draws. */
function counting(first: number, end: number): { chunks: AsyncGenerator<Int32Array[]>; drawn: () => number } {
  let next = first;
  async function* chunks(): AsyncGenerator<Int32Array[]> {
    while (next < end) {
      const chunk = Int32Array.from({ length: Math.min(4, end - next) }, (_, i) => next + i);
      next += chunk.length;
      yield await Promise.resolve([chunk, chunk.map((symbol) => symbol * 100)]);
    }
  }
  return { chunks: chunks(), drawn: () => next };
}

const given = [
  [0, 1, 2],
  [0, 100, 200],
];

describe('DrawnSource', () => {
  it('reads given symbols, drawn symbols, and across both', async () => {
    const { chunks, drawn } = counting(3, 30);
    const source = new DrawnSource(given, chunks);
    expect(await source.read(0, 2)).toEqual([Int32Array.of(0, 1), Int32Array.of(0, 100)]);
    expect(drawn()).toBe(3);
    expect(await source.read(1, 4)).toEqual([Int32Array.of(1, 2, 3, 4), Int32Array.of(100, 200, 300, 400)]);
    expect(drawn()).toBe(7);
    expect(await source.read(6, 3)).toEqual([Int32Array.of(6, 7, 8), Int32Array.of(600, 700, 800)]);
  });

  it('draws no more than requested, in whole chunks', async () => {
    const { chunks, drawn } = counting(3, 30);
    const source = new DrawnSource(given, chunks);
    await source.read(3, 4);
    expect(drawn()).toBe(7);
    await source.read(3, 5);
    expect(drawn()).toBe(11);
    await source.read(5, 6);
    expect(drawn()).toBe(11);
  });

  it('keeps nothing before the last read, and refuses to go back', async () => {
    const source = new DrawnSource(given, counting(3, 30).chunks);
    await source.read(9, 5);
    expect(source.kept).toBe(6); // 9 … 14
    await source.read(20, 1);
    expect(source.kept).toBe(3); // 20 … 22
    await expect(source.read(19, 1)).rejects.toThrow(
      'position 19 is read, but those before 20 are no longer kept',
    );
  });

  it('gives fewer at the end, and nothing after it', async () => {
    const source = new DrawnSource(given, counting(3, 9).chunks);
    expect(await source.read(7, 4)).toEqual([Int32Array.of(7, 8), Int32Array.of(700, 800)]);
    expect(await source.read(9, 4)).toEqual([new Int32Array(0), new Int32Array(0)]);
  });
});

describe('wholeSource', () => {
  it('reads in windows, fewer at the end', async () => {
    const source = wholeSource([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)]);
    expect(await source.read(0, 2)).toEqual([Uint8Array.of(1, 2), Uint8Array.of(4, 5)]);
    expect(await source.read(2, 2)).toEqual([Uint8Array.of(3), Uint8Array.of(6)]);
  });
});
