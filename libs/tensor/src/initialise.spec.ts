import { randomKey } from '@fermata/core';

import { selectBackend } from './backend';
import { normalTensor, uniformKernel } from './initialise';

beforeAll(() => selectBackend('cpu'));

const variance = (values: Float32Array): number => values.reduce((sum, x) => sum + x * x, 0) / values.length;

describe('uniformKernel', () => {
  it('has variance gain / fan-in and stays within ±√(3·gain / fan-in)', () => {
    const values = uniformKernel(randomKey(1), [2, 50, 200], 2).dataSync<'float32'>();
    expect(variance(values) / (2 / 100)).toBeCloseTo(1, 1);
    const bound = Math.sqrt(6 / 100);
    expect(Math.max(...values)).toBeLessThanOrEqual(bound);
    expect(Math.max(...values)).toBeGreaterThan(0.99 * bound);
    expect(Math.min(...values)).toBeLessThan(-0.99 * bound);
  });

  it('depends on the key alone', () => {
    const values = (seed: number): Float32Array =>
      uniformKernel(randomKey(seed), [3, 3]).dataSync<'float32'>();
    expect(values(1)).toEqual(values(1));
    expect(values(1)).not.toEqual(values(2));
  });
});

describe('normalTensor', () => {
  it('has the deviation asked for', () => {
    const values = normalTensor(randomKey(1), [100, 100], 3).dataSync<'float32'>();
    expect(variance(values)).toBeCloseTo(9, 0);
    expect(Math.abs(values.reduce((sum, x) => sum + x, 0) / values.length)).toBeLessThan(0.1);
  });
});
