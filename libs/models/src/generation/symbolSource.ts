import type { SymbolArray } from './drawing';

/**
 * Sequences of symbols, one for each stream, read on demand in windows that only move forward, so that earlier symbols
 * can be freed.
 */
export interface SymbolSource {
  /**
   * Reads the symbols first … first + count − 1 of each stream, fewer if the sequences end. `first` never decreases
   * from call to call.
   *
   * @returns `[streams]` arrays of equal length, for reading only
   */
  read(first: number, count: number): readonly SymbolArray[] | Promise<readonly SymbolArray[]>;
}

/**
 * Makes a source from whole sequences.
 *
 * @param sequences `[streams]` arrays of equal length
 */
export function wholeSource(sequences: readonly SymbolArray[]): SymbolSource {
  return {
    read: (first, count) => sequences.map((sequence) => sequence.subarray(first, first + count)),
  };
}

/**
 * A source of given symbols followed by those that a generator draws. A read draws no more chunks than it needs.
 * Between reads a window stays in memory: from the `first` of the last read to the end of the last chunk.
 */
export class DrawnSource implements SymbolSource {
  /** Position of the window's first symbol. */
  private start = 0;
  private window: readonly SymbolArray[];

  /**
   * @param given `[streams]` arrays of equal length
   * @param drawn for each chunk `[streams]` arrays of equal length; its owner ends it
   */
  constructor(
    given: readonly (SymbolArray | number[])[],
    private readonly drawn: AsyncIterator<readonly SymbolArray[]>,
  ) {
    this.window = given.map((symbols) => (Array.isArray(symbols) ? Int32Array.from(symbols) : symbols));
  }

  /** Number of symbols of each stream in memory. */
  get kept(): number {
    return this.window[0].length;
  }

  /** @throws RangeError for symbols that an earlier read has freed; any error of the generator */
  async read(first: number, count: number): Promise<SymbolArray[]> {
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

  /** Appends a chunk to the window and drops the symbols before a position. */
  private keepFrom(first: number, chunk: readonly SymbolArray[]): void {
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

/** @throws RangeError that names the first symbol outside 0 … count − 1 */
export function assertSymbols(sequence: SymbolArray, count: number, name: string, first = 0): void {
  const position = sequence.findIndex((symbol) => symbol < 0 || symbol >= count);
  if (position >= 0) {
    throw new RangeError(
      `${name}[${first + position}] is ${sequence[position]}, but must be in 0 … ${count - 1}`,
    );
  }
}

/**
 * Common length of the sequences of streams.
 *
 * @throws RangeError unless each stream has one, all equally long
 */
export function commonLength(sequences: readonly SymbolArray[], streams: number, name: string): number {
  const lengths = sequences.map(({ length }) => length);
  if (lengths.length !== streams || lengths.some((length) => length !== lengths[0])) {
    throw new RangeError(`${name} of lengths [${lengths.join(', ')}] do not suit ${streams} streams`);
  }
  return lengths[0];
}
