import { UserError } from '@fermata/core';

/** Formats of real numbers in a file. `bf16` rounds to 8 significant bits and takes half the space. */
export const storedFormats = ['float32', 'bf16'] as const;
export type StoredFormat = (typeof storedFormats)[number];

/** A tensor as a file holds it: row-major values and their shape. The dtype follows from the kind of array. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
  /** Format of real numbers in the file; `float32` when left out. Read back, values are float32 in either. */
  readonly format?: StoredFormat;
}

/** Contents of a safetensors file. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const metadataKey = '__metadata__';
const largestHeader = 100_000_000; // the format's own limit
const alignment = 8;

const dtypes = {
  F32: { size: 4, make: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  BF16: { size: 2, make: (buffer: ArrayBuffer) => fromBf16(new Uint16Array(buffer)) },
  I32: { size: 4, make: (buffer: ArrayBuffer) => new Int32Array(buffer) },
  U8: { size: 1, make: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
} as const;
type DType = keyof typeof dtypes;

/**
 * Encodes tensors and texts in the safetensors format: the header's length as 64-bit little-endian, the header as JSON,
 * the values. Spaces pad the header so that values begin at a multiple of eight bytes.
 *
 * @throws RangeError if a shape does not fit its values, or if a tensor has a reserved name
 */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const header: Record<string, unknown> = { [metadataKey]: metadata };
  let offset = 0;
  const contents: Uint8Array[] = [];
  for (const [name, tensor] of tensors) {
    const { shape, values } = tensor;
    if (name === metadataKey) throw new RangeError(`a tensor cannot be named ${metadataKey}`);
    if (elementCount(shape) !== values.length) {
      throw new RangeError(`${name}: the shape [${shape.join(', ')}] does not hold ${values.length} values`);
    }
    const bytes = bytesOf(tensor);
    header[name] = { dtype: dtypeOf(tensor), shape, data_offsets: [offset, offset + bytes.length] };
    contents.push(bytes);
    offset += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const headerLength = Math.ceil(json.length / alignment) * alignment;
  const file = Buffer.alloc(8 + headerLength + offset, ' ');
  file.writeBigUInt64LE(BigInt(headerLength));
  file.set(json, 8);
  let position = 8 + headerLength;
  for (const bytes of contents) {
    file.set(bytes, position);
    position += bytes.length;
  }
  return file;
}

/**
 * Reads a safetensors file whose tensors are of dtype F32, BF16, I32 or U8, and checks all that the format demands: a
 * header of the length stated, offsets that fit dtype and shape, and values without gap or overlap up to the end.
 *
 * @param where name of the file, for errors
 * @throws UserError with the rule that the file breaks
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): SafetensorsFile {
  const { header, headerLength } = readHeader(bytes, where);
  const data = bytes.subarray(8 + headerLength);
  const tensors = new Map<string, StoredTensor>();
  const ranges: (readonly [name: string, begin: number, end: number])[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === metadataKey) continue;
    const { dtype, shape, begin, end } = checkEntry(name, entry, where);
    if (end > data.length) throw damaged(where, `the values of ${name} lie beyond its end`);
    ranges.push([name, begin, end]);
    // Copies, because values may begin at any byte, but typed arrays may not.
    const copy = new Uint8Array(end - begin);
    copy.set(data.subarray(begin, end));
    tensors.set(name, { shape, values: dtypes[dtype].make(copy.buffer) });
  }
  assertContiguous(ranges, data.length, where);
  return { tensors, metadata: checkMetadata(header[metadataKey], where) };
}

function readHeader(
  bytes: Uint8Array,
  where: string,
): { header: Record<string, unknown>; headerLength: number } {
  if (bytes.length < 8) throw damaged(where, `${bytes.length} bytes are too few`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(largestHeader))
    throw damaged(where, `a header of ${String(length)} bytes is not allowed`);
  const headerLength = Number(length);
  if (8 + headerLength > bytes.length) throw damaged(where, 'it ends within its header');
  const json = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch {
    throw damaged(where, 'its header is not JSON');
  }
  if (!json.startsWith('{') || !isObject(header)) throw damaged(where, 'its header is not a JSON object');
  return { header, headerLength };
}

function checkEntry(
  name: string,
  entry: unknown,
  where: string,
): { dtype: DType; shape: readonly number[]; begin: number; end: number } {
  if (!isObject(entry)) throw damaged(where, `${name} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDType(dtype)) {
    const names = Object.keys(dtypes).join(', ');
    throw new UserError(
      `${where}: ${name} is of dtype ${JSON.stringify(dtype)}.`,
      `Convert it to one of ${names}.`,
    );
  }
  if (!isSizes(shape)) throw damaged(where, `the shape of ${name} is not a list of whole numbers`);
  if (!isSizes(offsets) || offsets.length !== 2)
    throw damaged(where, `the offsets of ${name} are not two whole numbers`);
  const [begin, end] = offsets;
  if (end - begin !== elementCount(shape) * dtypes[dtype].size) {
    throw damaged(where, `${name} takes ${end - begin} bytes, which ${dtype} [${shape.join(', ')}] does not`);
  }
  return { dtype, shape, begin, end };
}

function assertContiguous(
  ranges: (readonly [name: string, begin: number, end: number])[],
  length: number,
  where: string,
): void {
  let position = 0;
  for (const [name, begin, end] of ranges.sort((a, b) => a[1] - b[1] || a[2] - b[2])) {
    if (begin !== position) throw damaged(where, `the values of ${name} do not follow the previous values`);
    position = end;
  }
  if (position !== length) throw damaged(where, `${length - position} bytes at its end belong to no tensor`);
}

function checkMetadata(metadata: unknown, where: string): Readonly<Record<string, string>> {
  if (metadata === undefined) return {};
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw damaged(where, `${metadataKey} is not a map of texts`);
  }
  return metadata as Record<string, string>;
}

function dtypeOf({ values, format }: StoredTensor): DType {
  if (values instanceof Float32Array) return format === 'bf16' ? 'BF16' : 'F32';
  return values instanceof Int32Array ? 'I32' : 'U8';
}

function bytesOf(tensor: StoredTensor): Uint8Array {
  const { values } = tensor;
  const stored = dtypeOf(tensor) === 'BF16' ? toBf16(values as Float32Array) : values;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

// The upper 16 bits of a float32, rounded to nearest, ties to even; finite values alone are stored.
function toBf16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
}

function fromBf16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function isDType(value: unknown): value is DType {
  return typeof value === 'string' && Object.hasOwn(dtypes, value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(where: string, reason: string): UserError {
  return new UserError(`${where}: not a whole safetensors file: ${reason}.`, 'Use another copy of it.');
}
