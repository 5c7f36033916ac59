/** @throws RangeError unless it is one of the symbols 0 … symbols − 1 that is fed to a stream */
export function assertSymbol(symbol: number | undefined, symbols: number, stream: number): void {
  if (!(symbol! >= 0 && symbol! < symbols && Number.isInteger(symbol))) {
    throw new RangeError(`stream ${stream} is fed ${symbol}, but symbols are 0 … ${symbols - 1}`);
  }
}
