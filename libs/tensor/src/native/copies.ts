import type { Kernels } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

import { takeFloats } from './memory';
import { floats, isArray, replace, sizeOf, valuesOf } from './replace';

// Smaller blocks (in values) are not worth a call that copies them.
const smallestBlock = 16;

/** Registers kernels that only move values: they copy whole blocks, at the full speed of the JavaScript engine. */
export function registerCopies(kernels: Kernels): void {
  registerCast(kernels);
  registerGather(kernels);
  registerSlice();
  registerTile();
}

function registerCast(kernels: Kernels): void {
  replace('Cast', ({ inputs: { x }, attrs, backend }, original) => {
    // For equal types the cpu backend makes no copy.
    if (attrs.dtype === x.dtype || x.dtype === 'complex64') return original();
    const values = valuesOf(backend, x);
    if (attrs.dtype === 'float32') {
      const result = takeFloats(kernels, values.length);
      result.set(values);
      return backend.makeTensorInfo(x.shape, 'float32', result);
    }
    if (attrs.dtype === 'int32') return backend.makeTensorInfo(x.shape, 'int32', new Int32Array(values));
    return original();
  });
}

function registerGather(kernels: Kernels): void {
  replace('GatherV2', ({ inputs: { x, indices }, attrs, backend }, original) => {
    const [axis] = tf.util.parseAxisParam(attrs.axis as number, x.shape);
    const chosen = valuesOf(backend, indices);
    const [rows, ...rest] = x.shape;
    const columns = sizeOf(rest);
    const areRows = axis === 0 && attrs.batchDims === 0 && rows * columns > 0;
    if (x.dtype !== 'float32' || !isArray(chosen, 'Int32Array') || !areRows) return original();
    const result = takeFloats(kernels, chosen.length * columns);
    kernels.embed(1, chosen.length, columns, 0, rows, chosen as Int32Array, floats(backend, x), result);
    return backend.makeTensorInfo([...indices.shape, ...rest], 'float32', result);
  });
}

function registerSlice(): void {
  replace('Slice', ({ inputs: { x }, attrs, backend }, original) => {
    const given = attrs as { begin: number | number[]; size: number | number[] };
    const [begin, size] = tf.slice_util.parseSliceParams(x, given.begin, given.size);
    tf.slice_util.assertParamsValid(x, begin, size);
    // All axes after `axis` are taken whole, so each selected range of `axis` is contiguous.
    let axis = Math.max(0, x.shape.length - 1);
    while (axis > 0 && size[axis] === x.shape[axis]) axis--;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const block = (size[axis] ?? 1) * inner;
    // Even a single block is copied: the cpu backend's slice would be a view, but disposed memory is reused here.
    const isOther = x.dtype === 'string' || x.dtype === 'complex64';
    if (isOther || (block < smallestBlock && block < sizeOf(size))) return original();
    const from = valuesOf(backend, x);
    const result = tf.util.getTypedArrayFromDType(x.dtype as 'float32', sizeOf(size));
    const starts = startsOf(x.shape.slice(0, axis), begin, size);
    starts.forEach((start, index) => {
      const first = (start * (x.shape[axis] ?? 1) + (begin[axis] ?? 0)) * inner;
      result.set(from.subarray(first, first + block), index * block);
    });
    return backend.makeTensorInfo(size, x.dtype, result);
  });
}

/** Start of each selected block, in rows of the axis behind the outer axes. */
function startsOf(shape: readonly number[], begin: readonly number[], size: readonly number[]): number[] {
  return shape.reduce<number[]>(
    (starts, extent, axis) =>
      starts.flatMap((start) =>
        Array.from({ length: size[axis] }, (_, index) => start * extent + begin[axis] + index),
      ),
    [0],
  );
}

function registerTile(): void {
  replace('Tile', ({ inputs: { x }, attrs, backend }, original) => {
    const reps = attrs.reps as number[];
    const last = x.shape.length - 1;
    const times = reps[last] ?? 1;
    // Broadcasting repeats each value of a column many times.
    const isColumn = x.shape[last] === 1 && reps.every((count, axis) => axis === last || count === 1);
    if (x.dtype === 'string' || x.dtype === 'complex64' || !isColumn || times < smallestBlock)
      return original();
    const from = valuesOf(backend, x);
    const result = tf.util.getTypedArrayFromDType(x.dtype as 'float32', from.length * times);
    from.forEach((value, index) => result.fill(value, index * times, (index + 1) * times));
    return backend.makeTensorInfo([...x.shape.slice(0, -1), times], x.dtype, result);
  });
}
