import { asFileError } from '@fermata/core';
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * Writes scalars for TensorBoard: one file per session, whose records are framed as TFRecord and hold `Event` messages.
 * A file begins with the step that it continues from; TensorBoard drops that step and later ones of earlier files.
 */
export class EventsWriter {
  private readonly descriptor: number;
  private readonly path: string;

  /**
   * @param step number of steps before this session: values of this step will be written again
   * @throws UserError if the file cannot be written
   */
  constructor(folder: string, step: number) {
    const now = Date.now() / 1000;
    // TensorBoard reads files in the order of their names.
    const seconds = Math.max(Math.floor(now), lastFileTime(folder) + 1);
    this.path = join(folder, `${prefix}${String(seconds).padStart(10, '0')}.${hostname()}`);
    try {
      this.descriptor = openSync(this.path, 'wx');
    } catch (error) {
      throw asFileError(error, this.path);
    }
    try {
      this.append(encodeVersion(now));
      this.append(encodeSessionStart(now, step));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Writes values measured at a step, each under its tag, such as `train/nll`. @throws UserError if the disk is full
   */
  write(step: number, values: Readonly<Record<string, number>>): void {
    this.append(encodeScalars(Date.now() / 1000, step, values));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private append(event: Uint8Array): void {
    const record = frameRecord(event);
    try {
      for (let written = 0; written < record.length;) written += writeSync(this.descriptor, record, written);
    } catch (error) {
      throw asFileError(error, this.path);
    }
  }
}

const prefix = 'events.out.tfevents.';

function lastFileTime(folder: string): number {
  const times = readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number.parseInt(name.slice(prefix.length), 10))
    .filter((time) => !Number.isNaN(time));
  return Math.max(0, ...times);
}

/** Makes `Event { wall_time, file_version: "brain.Event:2" }`, the first record of every file. */
export function encodeVersion(wallTime: number): Uint8Array {
  return Buffer.concat([double(1, wallTime), bytes(3, Buffer.from('brain.Event:2'))]);
}

/** Makes `Event { wall_time, step, session_log: { status: START } }`: it voids values of `step` and later. */
export function encodeSessionStart(wallTime: number, step: number): Uint8Array {
  const start = 1;
  return Buffer.concat([double(1, wallTime), integer(2, step), bytes(7, integer(1, start))]);
}

/** Makes `Event { wall_time, step, summary: { value: [{ tag, simple_value }, …] } }`. */
export function encodeScalars(
  wallTime: number,
  step: number,
  values: Readonly<Record<string, number>>,
): Uint8Array {
  const summary = Object.entries(values).map(([tag, value]) =>
    bytes(1, Buffer.concat([bytes(1, Buffer.from(tag, 'utf8')), float(2, value)])),
  );
  return Buffer.concat([double(1, wallTime), integer(2, step), bytes(5, Buffer.concat(summary))]);
}

/** Frames a TFRecord: length (uint64), its checksum, the data, its checksum, all little-endian. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(8 + 4 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedChecksum(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedChecksum(data), 12 + data.length);
  return record;
}

// Checksums of data that contain checksums are weak, so TFRecord rotates and offsets them.
function maskedChecksum(data: Uint8Array): number {
  const checksum = crc32c(data);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli). */
export function crc32c(data: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of data) remainder = castagnoli[(remainder ^ byte) & 0xff] ^ (remainder >>> 8);
  return (remainder ^ 0xffffffff) >>> 0;
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});

// Fields of a protocol buffer: field number and wire type, then the value.
const wireTypes = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

function key(field: number, type: keyof typeof wireTypes): Buffer {
  return varint((field << 3) | wireTypes[type]);
}

function double(field: number, value: number): Buffer {
  const encoded = Buffer.alloc(8);
  encoded.writeDoubleLE(value);
  return Buffer.concat([key(field, 'fixed64'), encoded]);
}

function float(field: number, value: number): Buffer {
  const encoded = Buffer.alloc(4);
  encoded.writeFloatLE(value);
  return Buffer.concat([key(field, 'fixed32'), encoded]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([key(field, 'varint'), varint(value)]);
}

function bytes(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([key(field, 'lengthDelimited'), varint(value.length), value]);
}

// Seven bits per byte, least significant first; the top bit marks that more bytes follow. Steps may exceed 32 bits.
function varint(value: number): Buffer {
  const encoded: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) encoded.push((rest % 0x80) | 0x80);
  encoded.push(rest);
  return Buffer.from(encoded);
}
