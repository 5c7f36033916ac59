import { emptySymbols, type Symbols } from '@fermata/data';

import { encodeMuLaw } from '../mulaw';

/** Gathers the mu-law codes of a recording whose exact length is known only at its end. */
export class CodeBuffer {
  /** Number of codes so far. */
  length = 0;
  private codes: Symbols;

  /**
   * @param symbols size of the alphabet
   * @param expected number of codes to expect
   */
  constructor(
    private readonly symbols: number,
    expected: number,
  ) {
    this.codes = emptySymbols(symbols, Math.min(expected, mostAtFirst) + slack);
  }

  /** @param samples `[time]`, full scale at ±1 */
  add(samples: Float32Array): void {
    const needed = this.length + samples.length;
    if (needed > this.codes.length) {
      const grown = emptySymbols(this.symbols, Math.ceil(1.5 * needed));
      grown.set(this.codes.subarray(0, this.length));
      this.codes = grown;
    }
    this.codes.set(encodeMuLaw(samples, this.symbols), this.length);
    this.length = needed;
  }

  clear(): void {
    this.length = 0;
  }

  /** `[time]`. Memory behind its end was never touched, so that the system never provided it. */
  whole(): Symbols {
    return this.codes.subarray(0, this.length);
  }
}

// Codes by which recordings commonly exceed the length in their headers.
const slack = 16_384;
// A damaged header may promise hours.
const mostAtFirst = 1 << 26;
