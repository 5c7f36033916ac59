import type { Kernels, UnaryOperation } from '@fermata/kernels';
import * as tf from '@tensorflow/tfjs';

import { takeFloats } from './memory';
import { floats, isArray, replace, sizeOf, valuesOf } from './replace';

/**
 * Registers compiled kernels for the operations that models use beside their fused ones. They fall back to the cpu
 * backend for types and shapes that they do not support, such as integers or a reduction over axes that are not
 * adjacent.
 */
export function registerNativeKernels(kernels: Kernels): void {
  for (const [name, operation] of Object.entries(unaryOperations)) registerUnary(kernels, name, operation);
  for (const [name, operation] of Object.entries(binaryOperations)) registerBinary(kernels, name, operation);
  registerReduction(kernels, 'Sum', 'sum');
  registerReduction(kernels, 'Mean', 'mean');
  registerReduction(kernels, 'Max', 'maximum');
  registerArgument(kernels, 'ArgMax', true);
  registerArgument(kernels, 'ArgMin', false);
  registerProduct(kernels);
  registerTransposition(kernels);
  registerChoice(kernels);
  registerSoftmax(kernels);
  registerStep(kernels);
}

const unaryOperations: Readonly<Record<string, UnaryOperation>> = {
  Abs: 'absolute',
  Exp: 'exponential',
  Log: 'logarithm',
  Neg: 'negate',
  Relu: 'rectify',
  Round: 'round',
  Sigmoid: 'sigmoid',
  Sqrt: 'squareRoot',
  Square: 'square',
  Tanh: 'tanh',
};

const binaryOperations = {
  Add: 'add',
  Sub: 'subtract',
  Multiply: 'multiply',
  RealDiv: 'divide',
  Maximum: 'maximum',
  Minimum: 'minimum',
} as const;

function registerUnary(kernels: Kernels, name: string, operation: UnaryOperation): void {
  replace(name, ({ inputs: { x }, backend }, original) => {
    if (x.dtype !== 'float32') return original();
    const result = takeFloats(kernels, sizeOf(x.shape));
    kernels.unary(operation, result.length, floats(backend, x), result);
    return backend.makeTensorInfo(x.shape, 'float32', result);
  });
}

function registerBinary(
  kernels: Kernels,
  name: string,
  operation: (typeof binaryOperations)[keyof typeof binaryOperations],
): void {
  replace(name, ({ inputs: { a, b }, backend }, original) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return original();
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const split = splitForBroadcast(a.shape, b.shape, shape);
    if (split === undefined) return original();
    const [outer, inner] = [sizeOf(shape.slice(0, split)), sizeOf(shape.slice(split))];
    const result = takeFloats(kernels, outer * inner);
    // Tells if an operand varies along the outer and along the inner part of the shape.
    const varies = ({ shape: own }: tf.TensorInfo): [boolean, boolean] => {
      const aligned = align(own, shape.length);
      return [sizeOf(aligned.slice(0, split)) !== 1, sizeOf(aligned.slice(split)) !== 1];
    };
    kernels.binary(
      operation,
      outer,
      inner,
      floats(backend, a),
      ...varies(a),
      floats(backend, b),
      ...varies(b),
      result,
    );
    return backend.makeTensorInfo(shape, 'float32', result);
  });
}

/**
 * Finds where to cut a shape into an outer and an inner part, so that each operand either fills a part or is constant
 * over it; undefined if no such cut exists.
 */
function splitForBroadcast(a: number[], b: number[], shape: number[]): number | undefined {
  const operands = [align(a, shape.length), align(b, shape.length)];
  const fits = (own: number[], from: number, to: number): boolean => {
    const part = own.slice(from, to);
    return sizeOf(part) === 1 || part.every((size, axis) => size === shape[from + axis]);
  };
  for (let split = 0; split <= shape.length; split++) {
    if (operands.every((own) => fits(own, 0, split) && fits(own, split, shape.length))) return split;
  }
  return undefined;
}

function align(shape: number[], rank: number): number[] {
  return [...Array.from({ length: rank - shape.length }, () => 1), ...shape];
}

function registerReduction(kernels: Kernels, name: string, reduction: 'sum' | 'mean' | 'maximum'): void {
  // tf.max calls its axes reductionIndices.
  replace(name, ({ inputs: { x }, attrs, backend }, original) => {
    const axes = tf.util.parseAxisParam((attrs.axis ?? attrs.reductionIndices) as number[], x.shape);
    const { shape } = x;
    const sorted = [...axes].sort((first, second) => first - second);
    const first = sorted[0] ?? 0;
    const adjacent = sorted.every((axis, index) => axis === first + index);
    const count = sizeOf(sorted.map((axis) => shape[axis]));
    if (x.dtype !== 'float32' || !adjacent || count === 0) return original();
    const outer = sizeOf(shape.slice(0, first));
    const inner = sizeOf(shape.slice(first + sorted.length));
    const result = takeFloats(kernels, outer * inner);
    if (outer === 1 && inner > 1 && reduction === 'sum') {
      kernels.sumRows(count, inner, floats(backend, x), result);
    } else {
      kernels.reduce(reduction, outer, count, inner, floats(backend, x), result);
    }
    const kept =
      attrs.keepDims === true ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : undefined;
    const reduced = shape.filter((_, axis) => !axes.includes(axis));
    return backend.makeTensorInfo(kept ?? reduced, 'float32', result);
  });
}

function registerArgument(kernels: Kernels, name: string, largest: boolean): void {
  replace(name, ({ inputs: { x }, attrs, backend }, original) => {
    const [axis] = tf.util.parseAxisParam(attrs.axis as number, x.shape);
    const columns = x.shape[axis];
    if (x.dtype !== 'float32' || axis !== x.shape.length - 1 || columns === 0) return original();
    const shape = x.shape.slice(0, -1);
    const result = new Int32Array(sizeOf(shape));
    kernels.argumentOf(largest, result.length, columns, floats(backend, x), result);
    return backend.makeTensorInfo(shape, 'int32', result);
  });
}

function registerProduct(kernels: Kernels): void {
  replace('BatchMatMul', ({ inputs: { a, b }, attrs, backend }, original) => {
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    // Only products of two single matrices: no model here multiplies batches of matrices.
    if (
      a.dtype !== 'float32' ||
      b.dtype !== 'float32' ||
      a.shape.length !== 3 ||
      a.shape[0] * b.shape[0] !== 1
    ) {
      return original();
    }
    const [rows, inner] = transposeA ? [a.shape[2], a.shape[1]] : [a.shape[1], a.shape[2]];
    const columns = transposeB ? b.shape[1] : b.shape[2];
    const result = takeFloats(kernels, rows * columns);
    const [left, right] = [floats(backend, a), floats(backend, b)];
    kernels.multiply(rows, inner, columns, transposeA, transposeB, left, right, null, result);
    return backend.makeTensorInfo([1, rows, columns], 'float32', result);
  });
}

function registerTransposition(kernels: Kernels): void {
  replace('Transpose', ({ inputs: { x }, attrs, backend }, original) => {
    const [first] = attrs.perm as number[];
    if (x.dtype !== 'float32' || x.shape.length !== 2 || first !== 1) return original();
    const [rows, columns] = x.shape;
    const result = takeFloats(kernels, rows * columns);
    kernels.transpose(rows, columns, floats(backend, x), result);
    return backend.makeTensorInfo([columns, rows], 'float32', result);
  });
}

function registerChoice(kernels: Kernels): void {
  replace('Select', ({ inputs: { condition, t, e }, backend }, original) => {
    const size = sizeOf(t.shape);
    const holds = valuesOf(backend, condition);
    const isFloat = t.dtype === 'float32' && e.dtype === 'float32';
    if (!isFloat || !isArray(holds, 'Uint8Array') || holds.length !== size) return original();
    const result = takeFloats(kernels, size);
    kernels.choose(size, holds as Uint8Array, floats(backend, t), floats(backend, e), result);
    return backend.makeTensorInfo(t.shape, 'float32', result);
  });
}

function registerSoftmax(kernels: Kernels): void {
  replace('Softmax', ({ inputs: { logits }, attrs, backend }, original) => {
    const { shape, dtype } = logits;
    const columns = shape[shape.length - 1];
    const [axis] = tf.util.parseAxisParam(attrs.dim as number, shape);
    if (dtype !== 'float32' || axis !== shape.length - 1 || columns === 0) return original();
    const result = takeFloats(kernels, sizeOf(shape));
    kernels.softmax(result.length / columns, columns, floats(backend, logits), result);
    return backend.makeTensorInfo(shape, 'float32', result);
  });
}

function registerStep(kernels: Kernels): void {
  replace('Step', ({ inputs: { x }, attrs, backend }, original) => {
    if (x.dtype !== 'float32' || attrs.alpha !== 0) return original();
    const result = takeFloats(kernels, sizeOf(x.shape));
    kernels.unary('step', result.length, floats(backend, x), result);
    return backend.makeTensorInfo(x.shape, 'float32', result);
  });
}
