import type { Symbols } from '@fermata/data';

/**
 * Mu-law companding (ITU-T G.711's curve, with an alphabet of any even size): encodes the waveform `x` of the paper as
 * symbols 0 … symbols − 1. With mu = symbols − 1,
 *
 *     code = round(mu · (1 + sign(x) · ln(1 + mu·|x|) / ln(1 + mu)) / 2)
 *
 * that is, the nearest of `symbols` values equally spaced on the companded axis from −1 to 1. Zero lies halfway between
 * the two middle values and becomes the upper one: silence is 128 of 256. Samples beyond [−1, 1] are clipped.
 *
 * @param samples waveform in [−1, 1], `[time]`
 * @param symbols size of the mu-law alphabet, even, 256 in the paper
 * @returns codes `[time]`, as bytes if they fit
 * @throws RangeError if a sample is NaN, or if the number of symbols is odd or not in 2 … 65,536
 */
export function encodeMuLaw(samples: Float32Array, symbols = 256): Symbols {
  assertSymbols(symbols);
  const mu = symbols - 1;
  const scale = mu / 2 / Math.log1p(mu);
  const codes = symbols <= 256 ? new Uint8Array(samples.length) : new Uint16Array(samples.length);
  for (let t = 0; t < samples.length; t++) {
    const x = samples[t];
    if (Number.isNaN(x)) throw new RangeError(`encodeMuLaw: sample ${t} is NaN`);
    const companded = scale * Math.log1p(mu * Math.min(Math.abs(x), 1));
    codes[t] = Math.round(mu / 2 + (x < 0 ? -companded : companded));
  }
  return codes;
}

/**
 * Decodes mu-law codes to a waveform: the value of each code, so that encoding it again gives the same code.
 *
 * @param codes `[time]`, each in 0 … symbols − 1
 * @returns samples in [−1, 1], `[time]`; silence (128 of 256) becomes 0.00009, the value nearest to zero
 * @throws RangeError if a code is out of range, or for a number of symbols as in {@link encodeMuLaw}
 */
export function decodeMuLaw(codes: Symbols | Int32Array, symbols = 256): Float32Array {
  assertSymbols(symbols);
  const values = muLawValues(symbols);
  const samples = new Float32Array(codes.length);
  for (let t = 0; t < codes.length; t++) {
    const code = codes[t];
    if (code < 0 || code >= symbols)
      throw new RangeError(`decodeMuLaw: code ${code} at ${t} is not in 0 … ${symbols - 1}`);
    samples[t] = values[code];
  }
  return samples;
}

function muLawValues(symbols: number): Float32Array {
  const mu = symbols - 1;
  return Float32Array.from({ length: symbols }, (_, code) => {
    const companded = (2 * code) / mu - 1;
    return (Math.sign(companded) * Math.expm1(Math.abs(companded) * Math.log1p(mu))) / mu;
  });
}

function assertSymbols(symbols: number): void {
  if (!Number.isInteger(symbols) || symbols % 2 !== 0 || symbols < 2 || symbols > 65536) {
    throw new RangeError(`mu-law needs an even number of symbols from 2 to 65536, not ${symbols}`);
  }
}
