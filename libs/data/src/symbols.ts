import type { Symbols } from './format';

/** Largest alphabet of a dataset: 16 bits per symbol. */
export const largestAlphabet = 65_536;

/** Bytes on disk per symbol of an alphabet. @throws RangeError if the alphabet has more than 65,536 symbols */
export function bytesPerSymbol(symbols: number): 1 | 2 {
  if (!Number.isInteger(symbols) || symbols < 1 || symbols > largestAlphabet) {
    throw new RangeError(`an alphabet has 1 to ${largestAlphabet} symbols, not ${symbols}`);
  }
  return symbols <= 256 ? 1 : 2;
}

/** Array for `length` symbols of an alphabet, in the narrowest type that holds them. */
export function emptySymbols(symbols: number, length: number): Symbols {
  return bytesPerSymbol(symbols) === 1 ? new Uint8Array(length) : new Uint16Array(length);
}

/**
 * Packs a sequence into the narrowest array that holds its alphabet.
 *
 * @param symbols size of the alphabet, up to 65,536
 * @param sequence `[time]`, each 0 … symbols − 1
 * @throws RangeError with the first symbol outside the alphabet
 */
export function toSymbols(symbols: number, sequence: ArrayLike<number>): Symbols {
  const packed = emptySymbols(symbols, sequence.length);
  for (let t = 0; t < sequence.length; t++) {
    const symbol = sequence[t];
    if (!Number.isInteger(symbol) || symbol < 0 || symbol >= symbols) {
      throw new RangeError(`symbol ${symbol} at timestep ${t} is outside the alphabet 0 … ${symbols - 1}`);
    }
    packed[t] = symbol;
  }
  return packed;
}
