/** @throws RangeError unless the symbol fed to a stream is in 0 … symbols − 1 */
export function assertSymbol(symbol: number | undefined, symbols: number, stream: number): void {
  if (!(symbol! >= 0 && symbol! < symbols && Number.isInteger(symbol))) {
    throw new RangeError(`stream ${stream} is fed ${symbol}, but symbols are 0 … ${symbols - 1}`);
  }
}
