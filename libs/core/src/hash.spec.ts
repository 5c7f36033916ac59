import { canonicalJson, fingerprint, sha256 } from './hash';

describe('canonicalJson', () => {
  it('is the same for equal values in any order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    );
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  it('leaves out undefined members, like JSON', () => {
    expect(canonicalJson({ a: undefined, b: 0 })).toBe('{"b":0}');
  });

  it('is JSON', () => {
    const value = { 'a "quoted" key': [0.1, -0, 1e21, 'ü\n'], empty: {}, none: [] };
    expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
  });

  it('refuses numbers that JSON turns into null', () => {
    expect(() => canonicalJson({ rate: NaN })).toThrow(new RangeError('canonicalJson: NaN has no JSON form'));
    expect(() => canonicalJson([Infinity])).toThrow(RangeError);
  });
});

it('sha256 gives the digests of FIPS 180-2', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256('abc')).toBe(abc);
  expect(sha256(Uint8Array.of(97, 98, 99))).toBe(abc);
});

it('fingerprint is the beginning of the SHA-256 of canonical JSON', () => {
  // printf '{"a":1,"b":[true]}' | sha256sum
  expect(fingerprint({ b: [true], a: 1 })).toBe('90eddf64b875');
});
