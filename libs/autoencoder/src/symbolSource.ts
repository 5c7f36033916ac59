import type { SymbolArray } from './encodeSequence';

/**
 * Sequences of symbols, one for each stream, read as they are needed: by windows that only move forward, so that what
 * lies behind them can be let go.
 */
export interface SymbolSource {
  /**
   * The symbols first … first + count − 1 of each stream, fewer where the sequences end. No call's `first` is below that
   * of a call before.
   *
   * @returns `[streams]` arrays of equal length, to be read and not written
   */
  read(first: number, count: number): readonly SymbolArray[] | Promise<readonly SymbolArray[]>;
}

/**
 * Whole sequences as a source.
 *
 * @param sequences `[streams]` arrays of equal length
 */
export function wholeSource(sequences: readonly SymbolArray[]): SymbolSource {
  return {
    read: (first, count) => sequences.map((sequence) => sequence.subarray(first, first + count)),
  };
}

/**
 * Given symbols and those that a generator draws behind them, as a source. A read draws no more chunks than it needs,
 * and between reads a window stays: from the `first` of the last read to the end of the last chunk.
 */
export class DrawnSource implements SymbolSource {
  /** The position of the window's first symbol. */
  private start = 0;
  private window: readonly Int32Array[];

  /**
   * @param given `[streams]` arrays of equal length
   * @param drawn for each chunk `[streams]` arrays of equal length
   */
  constructor(
    given: readonly ArrayLike<number>[],
    private readonly drawn: AsyncIterator<readonly Int32Array[]>,
  ) {
    this.window = given.map((symbols) => Int32Array.from(symbols));
  }

  /** Symbols of each stream that are in memory. */
  get kept(): number {
    return this.window[0].length;
  }

  /** @throws RangeError for symbols that an earlier read has let go; whatever the generator throws */
  async read(first: number, count: number): Promise<Int32Array[]> {
    if (first < this.start) {
      throw new RangeError(`position ${first} is read, but those before ${this.start} are no longer kept`);
    }
    while (this.start + this.kept < first + count) {
      const chunk = await this.drawn.next();
      if (chunk.done === true) break;
      this.keepFrom(first, chunk.value);
    }
    return this.window.map((symbols) => symbols.subarray(first - this.start, first - this.start + count));
  }

  /** Puts a chunk behind the window and drops what lies before a position. */
  private keepFrom(first: number, chunk: readonly Int32Array[]): void {
    const dropped = Math.min(first - this.start, this.kept + chunk[0].length);
    this.window = this.window.map((symbols, stream) => {
      const left = symbols.subarray(dropped);
      const right = chunk[stream].subarray(Math.max(0, dropped - symbols.length));
      const window = new Int32Array(left.length + right.length);
      window.set(left);
      window.set(right, left.length);
      return window;
    });
    this.start += dropped;
  }
}

/** @throws RangeError that names the first symbol that is none of 0 … count − 1 */
export function assertSymbols(sequence: SymbolArray, count: number, name: string, first = 0): void {
  const position = sequence.findIndex((symbol) => symbol < 0 || symbol >= count);
  if (position >= 0) {
    throw new RangeError(
      `${name}[${first + position}] is ${sequence[position]}, but must be in 0 … ${count - 1}`,
    );
  }
}

/**
 * The length that sequences of streams have.
 *
 * @throws RangeError unless there is one for each stream, all equally long
 */
export function commonLength(sequences: readonly SymbolArray[], streams: number, name: string): number {
  const lengths = sequences.map(({ length }) => length);
  if (lengths.length !== streams || lengths.some((length) => length !== lengths[0])) {
    throw new RangeError(`${name} of lengths [${lengths.join(', ')}] do not suit ${streams} streams`);
  }
  return lengths[0];
}
