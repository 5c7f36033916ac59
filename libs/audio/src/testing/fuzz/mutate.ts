import type { RandomStream } from '@fermata/core';

import { withChecksums } from '../oggChecksums';

const numbers = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 767_999, 44_100,
];

type Damage = (bytes: Buffer, stream: RandomStream, other: Buffer) => Buffer;

const damages: readonly Damage[] = [
  function flipBit(bytes, stream) {
    bytes[stream.integer(bytes.length)] ^= 1 << stream.integer(8);
    return bytes;
  },
  function setByte(bytes, stream) {
    bytes[stream.integer(bytes.length)] = stream.integer(256);
    return bytes;
  },
  function setNumber(bytes, stream) {
    const width = [1, 2, 4][stream.integer(3)];
    if (bytes.length < width) return bytes;
    const value = numbers[stream.integer(numbers.length)] % 2 ** (8 * width);
    const at = stream.integer(bytes.length - width + 1);
    if (stream.integer(2) === 0) bytes.writeUIntLE(value, at, width);
    else bytes.writeUIntBE(value, at, width);
    return bytes;
  },
  function cutOff(bytes, stream) {
    return bytes.subarray(0, 1 + stream.integer(bytes.length));
  },
  function leaveOut(bytes, stream) {
    const [from, to] = range(bytes, stream);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(bytes, stream) {
    const [from, to] = range(bytes, stream);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  function fill(bytes, stream) {
    const [from, to] = range(bytes, stream);
    return bytes.fill(stream.integer(2) === 0 ? 0 : 0xff, from, to);
  },
  function insert(bytes, stream, other) {
    const at = stream.integer(bytes.length + 1);
    const [from, to] = range(other, stream);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
  },
];

function range(bytes: Buffer, stream: RandomStream): [from: number, to: number] {
  const from = stream.integer(bytes.length);
  return [from, from + 1 + stream.integer(Math.min(bytes.length - from, 1 + stream.integer(2000)))];
}

/**
 * Damages a file in one to eight ways. Half of the headers are hit far more often than their length deserves, and half of
 * the Ogg files get right checksums again, so that the damage reaches what lies behind the checks.
 *
 * @param other a file from which bytes are inserted
 */
export function mutate(file: Buffer, other: Buffer, stream: RandomStream): Buffer {
  let bytes: Buffer = Buffer.from(file);
  const count = 1 + stream.integer(1 + stream.integer(8));
  for (let done = 0; done < count && bytes.length > 0; done++) {
    const damage = damages[stream.integer(damages.length)];
    const header = Math.min(bytes.length, 128);
    bytes =
      stream.integer(2) === 0
        ? damage(bytes, stream, other)
        : Buffer.concat([
            damage(Buffer.from(bytes.subarray(0, header)), stream, other),
            bytes.subarray(header),
          ]);
  }
  return stream.integer(2) === 0 ? withChecksums(bytes) : bytes;
}
