import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { decodeMuLaw, encodeMuLaw } from './mulaw';

interface Golden {
  samples: string;
  cases: { symbols: number; codes: number[]; levels: string }[];
}

const golden = JSON.parse(
  readFileSync(join(__dirname, '../../../tools/goldens/audio/mulaw.json'), 'utf8'),
) as Golden;
const floats = (base64: string) => new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
const allCodes = (symbols: number) => Int32Array.from({ length: symbols }, (_, code) => code);

describe.each(golden.cases)('mu-law of $symbols symbols', ({ symbols, codes, levels: values }) => {
  it('encodes like NumPy', () => {
    expect(Array.from(encodeMuLaw(floats(golden.samples), symbols))).toEqual(codes);
  });

  it('decodes like NumPy', () => {
    const decoded = decodeMuLaw(allCodes(symbols), symbols);
    floats(values).forEach((value, code) => {
      expect(Math.abs(decoded[code] - value)).toBeLessThan(1e-7);
    });
  });

  it('gives every code back', () => {
    const decoded = decodeMuLaw(allCodes(symbols), symbols);
    expect(Array.from(encodeMuLaw(decoded, symbols))).toEqual(Array.from(allCodes(symbols)));
  });
});

it('keeps 8 bits in bytes, and silence at 128', () => {
  expect(encodeMuLaw(Float32Array.of(0, -0, -1, 1))).toEqual(Uint8Array.of(128, 128, 0, 255));
  expect(Math.abs(decodeMuLaw(Uint8Array.of(128))[0])).toBeLessThan(1e-4);
  expect(encodeMuLaw(new Float32Array(1), 1024)).toEqual(Uint16Array.of(512));
});

it('rounds to the nearest value', () => {
  const values = decodeMuLaw(allCodes(256));
  const random = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i * i) ** 3);
  const compand = (x: number) => Math.sign(x) * Math.log1p(255 * Math.abs(x));
  encodeMuLaw(random).forEach((code, i) => {
    const distance = (value: number) => Math.abs(compand(value) - compand(random[i]));
    const nearest = Math.min(...values.map(distance));
    expect(distance(values[code])).toBeLessThan(nearest + 1e-5);
  });
});

it('refuses NaN, codes out of range and odd numbers of symbols', () => {
  expect(() => encodeMuLaw(Float32Array.of(0, NaN))).toThrow('sample 1 is NaN');
  expect(() => decodeMuLaw(Int32Array.of(256))).toThrow('code 256 at 0');
  expect(() => decodeMuLaw(Int32Array.of(-1))).toThrow(RangeError);
  expect(() => encodeMuLaw(new Float32Array(1), 255)).toThrow('not 255');
});
