/**
 * A key for seeded randomness. The same key always gives the same numbers, on every machine and backend. `fold` derives
 * independent keys from it, so a draw never depends on the number of earlier draws. Nothing in Fermata calls
 * `Math.random`.
 */
export interface RandomKey {
  /** The upper half of 64 bits, unsigned. */
  readonly high: number;
  readonly low: number;
}

/** The key of a seed, which is an integer of up to 53 bits or any text. */
export function randomKey(seed: number | string): RandomKey {
  return fold({ high: 0x6665726d, low: 0x61746121 }, seed);
}

/**
 * Derives a key from a key and a number or text: `fold(key, 'excerpts')`, `fold(key, step)`. Keys folded with different
 * data are independent of each other and of their parent.
 *
 * @throws RangeError if a number is not a safe integer
 */
export function fold(key: RandomKey, data: number | string): RandomKey {
  let high = mix(key.high ^ 0x9e3779b9);
  let low = mix(key.low ^ high);
  for (const word of typeof data === 'number' ? numberWords(data) : textWords(data)) {
    high = mix(high ^ word);
    low = mix(low + high);
    high = mix(high + low);
  }
  return { high, low };
}

/** Derives `count` independent keys. */
export function split(key: RandomKey, count: number): RandomKey[] {
  return Array.from({ length: count }, (_, index) => fold(key, index));
}

/** A stream of draws from one key, by xoshiro128** (Blackman and Vigna, 2018). */
export class RandomStream {
  private a: number;
  private b: number;
  private c: number;
  private d: number;
  private spareNormal: number | undefined;

  constructor(key: RandomKey) {
    this.a = mix(key.high ^ 0x243f6a88);
    this.b = mix(key.low ^ this.a);
    this.c = mix(this.a + this.b + 0x85a308d3);
    this.d = mix(this.c ^ this.b) | 1; // never all zero
  }

  /** Draws an integer in [0, 2^32). */
  uint32(): number {
    const scrambled = Math.imul(this.b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** Draws a real number in [0, 1), with 53 random bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
  }

  /** Draws an integer in [0, bound) with equal probabilities. @throws RangeError unless 1 ≤ bound < 2^53 */
  integer(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1)
      throw new RangeError(`integer: bound ${bound} is not an integer from 1 to 2^53 − 1`);
    return Math.floor(this.uniform() * bound);
  }

  /** Draws from the normal distribution with mean 0 and variance 1 (Box and Muller). */
  normal(): number {
    if (this.spareNormal !== undefined) {
      const spare = this.spareNormal;
      this.spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Draws one of the items with equal probabilities. @throws RangeError for an empty list */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('pick: the list is empty');
    return items[this.integer(items.length)];
  }

  /** Draws an index with a probability proportional to its weight. @throws RangeError unless some weight is positive */
  weighted(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i];
    if (!(total > 0)) throw new RangeError('weighted: no weight is positive');
    let rest = this.uniform() * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] <= 0) continue;
      last = i;
      rest -= weights[i];
      if (rest < 0) return i;
    }
    return last; // reached only by rounding
  }

  /** Copies the items in random order (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
    }
    return shuffled;
  }
}

/** Draws `length` times from the normal distribution with mean 0 and variance 1, as 32-bit floats. */
export function normals(key: RandomKey, length: number): Float32Array {
  const stream = new RandomStream(key);
  return Float32Array.from({ length }, () => stream.normal());
}

/** Draws `length` times from [0, 1), as 32-bit floats. */
export function uniforms(key: RandomKey, length: number): Float32Array {
  const stream = new RandomStream(key);
  // 24 bits are exact in a 32-bit float; rounding more bits could give 1.
  return Float32Array.from({ length }, () => (stream.uint32() >>> 8) / 0x1000000);
}

// The finaliser of MurmurHash3 (Appleby), in which every bit of the input affects every bit of the output.
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function numberWords(value: number): number[] {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`a random key takes safe integers and text, not ${value}`);
  return [1, value >>> 0, Math.floor(value / 0x100000000) >>> 0];
}

function textWords(text: string): number[] {
  const words = [2, text.length];
  for (let i = 0; i < text.length; i++) words.push(text.charCodeAt(i));
  return words;
}
