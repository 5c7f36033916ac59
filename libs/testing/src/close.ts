import * as tf from '@tensorflow/tfjs';

/** Numbers to compare: a tensor, a typed array, or plain arrays, nested according to the shape. */
export type Values = tf.Tensor | ArrayLike<number> | tf.TensorLike;

/**
 * Fails unless every value is within `tolerance · max(1, |expected|)` of the expected value. NaN matches nothing, not
 * even NaN; an infinity matches itself. Shapes must agree if both sides have one (typed arrays are flat).
 */
export function expectClose(actual: Values, expected: Values, tolerance: number): void {
  const found = flatten(actual);
  const wanted = flatten(expected);
  const [foundShape, wantedShape] = [found.shape?.join(', '), wanted.shape?.join(', ')];
  if (foundShape !== undefined && wantedShape !== undefined && foundShape !== wantedShape) {
    fail(`the shape is [${foundShape}], not [${wantedShape}]`);
  }
  if (found.values.length !== wanted.values.length) {
    fail(`found ${found.values.length} values, not ${wanted.values.length}`);
  }
  let wrong = 0;
  let worst = -1;
  let worstError = -Infinity;
  for (let i = 0; i < wanted.values.length; i++) {
    const error = relativeError(found.values[i], wanted.values[i]);
    if (error <= tolerance) continue;
    wrong++;
    if (error > worstError) {
      worst = i;
      worstError = error;
    }
  }
  if (wrong > 0) {
    const place = coordinates(worst, found.shape ?? wanted.shape ?? [found.values.length]);
    fail(
      `${wrong} of ${wanted.values.length} values differ by more than ${tolerance}, most at [${place.join(', ')}]: ` +
        `${found.values[worst]}, not ${wanted.values[worst]}`,
    );
  }
}

/** Largest |actual − expected| / max(1, |expected|); infinite if either is NaN. */
function relativeError(actual: number, expected: number): number {
  if (actual === expected) return 0;
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  return Number.isNaN(error) ? Infinity : error;
}

function flatten(values: Values): { values: ArrayLike<number>; shape: readonly number[] | undefined } {
  if (values instanceof tf.Tensor) return { values: values.dataSync(), shape: values.shape };
  if (ArrayBuffer.isView(values)) return { values: values, shape: undefined };
  if (typeof values === 'number') return { values: [values], shape: [] };
  const shape: number[] = [];
  for (let level: unknown = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  return { values: (values as unknown[]).flat(Infinity) as number[], shape };
}

function coordinates(index: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place;
}

function fail(message: string): never {
  const error = new Error(message);
  Error.captureStackTrace(error, expectClose);
  throw error;
}
