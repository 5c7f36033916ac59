import { UserError } from '@fermata/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { decodeSafetensors, encodeSafetensors } from './safetensors';

const goldens = join(__dirname, '../../../../tools/goldens/training');
const golden = readFileSync(join(goldens, 'weights.safetensors'));

describe('safetensors', () => {
  it('reads what the Python package wrote', () => {
    const { tensors, metadata } = decodeSafetensors(golden, 'golden');
    expect(metadata).toEqual({ step: '12', note: 'größer' });
    expect(Object.fromEntries(tensors)).toEqual({
      'encoder/layer0/kernel': { shape: [1, 2, 3], values: Float32Array.of(-1, -0.6, -0.2, 0.2, 0.6, 1) },
      counts: { shape: [3], values: Int32Array.of(3, -2, 2 ** 31 - 1) },
      codes: { shape: [3], values: Uint8Array.of(0, 7, 255) },
      scalar: { shape: [], values: Float32Array.of(0.5) },
      empty: { shape: [0, 4], values: new Float32Array(0) },
    });
  });

  it('writes the bytes that the Python package writes', () => {
    const { metadata, tensors } = decodeSafetensors(golden, 'golden');
    expect(Buffer.from(encodeSafetensors({ metadata, tensors })).equals(golden)).toBe(true);
  });

  it('rounds to bf16 as the Python package does, and reads it back', () => {
    const rounding = JSON.parse(readFileSync(join(goldens, 'bf16.json'), 'utf8')) as {
      reals: number[];
      rounded: number[];
    };
    const written = readFileSync(join(goldens, 'weights-bf16.safetensors'));
    const values = Float32Array.from(rounding.reals);
    const tensors = new Map([['reals', { shape: [8, 8], values, format: 'bf16' as const }]]);
    const encoded = encodeSafetensors({ tensors, metadata: {} });
    const read = (bytes: Uint8Array) => decodeSafetensors(bytes, 'bf16').tensors.get('reals')!;
    expect(read(written)).toEqual({ shape: [8, 8], values: Float32Array.from(rounding.rounded) });
    expect(read(encoded)).toEqual(read(written));
    expect(encoded.subarray(encoded.length - 128)).toEqual(
      new Uint8Array(written.subarray(written.length - 128)),
    );
  });

  it('reads values that begin anywhere in memory', () => {
    const shifted = new Uint8Array(golden.length + 1);
    shifted.set(golden, 1);
    expect(decodeSafetensors(shifted.subarray(1), 'shifted')).toEqual(decodeSafetensors(golden, 'golden'));
  });

  it('does not write a shape that lies', () => {
    const tensors = new Map([['a', { shape: [2, 2], values: new Float32Array(3) }]]);
    expect(() => encodeSafetensors({ tensors, metadata: {} })).toThrow(
      new RangeError('a: the shape [2, 2] does not hold 3 values'),
    );
    const reserved = new Map([['__metadata__', { shape: [0], values: new Float32Array(0) }]]);
    expect(() => encodeSafetensors({ tensors: reserved, metadata: {} })).toThrow(RangeError);
  });

  const file = (header: string, dataBytes: number) => {
    const bytes = Buffer.alloc(8 + header.length + dataBytes);
    bytes.writeBigUInt64LE(BigInt(header.length));
    bytes.write(header, 8);
    return bytes;
  };
  const hugeHeader = Buffer.alloc(16);
  hugeHeader.writeBigUInt64LE(2n ** 63n);
  it.each<[string, Uint8Array]>([
    ['7 bytes are too few', new Uint8Array(7)],
    ['a header of 9223372036854775808 bytes is not allowed', hugeHeader],
    ['it ends within its header', golden.subarray(0, 100)],
    ['the values of codes lie beyond its end', golden.subarray(0, -1)],
    ['its header is not JSON', file('{"a":', 0)],
    ['its header is not a JSON object', file('[]', 0)],
    ['its header is not a JSON object', file(' {}', 0)],
    ['a is not described by an object', file('{"a":1}', 0)],
    [
      'the shape of a is not a list of whole numbers',
      file('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}', 1),
    ],
    [
      'the offsets of a are not two whole numbers',
      file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}', 1),
    ],
    [
      'a takes 4 bytes, which F32 [2] does not',
      file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4),
    ],
    [
      'the values of b do not follow the previous values',
      file(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        3,
      ),
    ],
    [
      '2 bytes at its end belong to no tensor',
      file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 3),
    ],
    ['__metadata__ is not a map of texts', file('{"__metadata__":{"step":3}}', 0)],
  ])('refuses a file: %s', (reason, bytes) => {
    expect(() => decodeSafetensors(bytes, 'a.safetensors')).toThrow(
      new UserError(`a.safetensors: not a whole safetensors file: ${reason}.`, 'Use another copy of it.'),
    );
  });

  it('names a dtype that it does not read', () => {
    const bytes = file('{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}', 2);
    expect(() => decodeSafetensors(bytes, 'a.safetensors')).toThrow(
      new UserError('a.safetensors: a is of dtype "F16".', 'Convert it to one of F32, BF16, I32, U8.'),
    );
  });
});
