import { randomKey, RandomStream } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { expectClose, testBackends } from '@fermata/testing';
import * as tf from '@tensorflow/tfjs';

import { CodeWindow } from './codeWindow';

// Returns the metrics of a window with a batch, as numbers, and adds the batch.
function push(window: CodeWindow, counts: number[]): Record<string, number> {
  return tf.tidy(() => {
    const batch = tf.tensor1d(counts);
    const metrics = Object.entries(window.metrics(batch)).map(([name, value]: [string, tf.Scalar]) => [
      name,
      value.dataSync()[0],
    ]);
    window.update(batch);
    return Object.fromEntries(metrics) as Record<string, number>;
  });
}

describe.each(testBackends)('CodeWindow on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  it('takes large batches in by sixteenths and small ones by their positions, thirty-two a code', () => {
    for (const [positions, share] of [
      [64, 1 / 16],
      [4, 4 / 64],
    ] as const) {
      // prettier-ignore
      const window = new CodeWindow(2);
      push(window, [positions, 0]);
      push(window, [0, positions]);
      expectClose(window.histogram, [(1 - share) * positions, positions], 1e-6);
    }
    const window = new CodeWindow(4);
    push(window, [4, 0, 0, 0]);
    push(window, [0, 4, 0, 0]);
    expectClose(window.histogram, [4 - 4 / 32, 4, 0, 0], 1e-6);
  });
});

describe('CodeWindow', () => {
  beforeAll(() => selectBackend('cpu'));

  it('counts a code as dead once the window has passed since it was used', () => {
    const window = new CodeWindow(4);
    expect(push(window, [97, 1, 1, 1])).toMatchObject({ deadCodes: 0, usage: 1 });
    for (let step = 1; step < 16; step++) expect(push(window, [100, 0, 0, 0]).deadCodes).toBe(0);
    expect(push(window, [100, 0, 0, 0])).toMatchObject({ deadCodes: 3, usage: 0.25 });
    expect(push(window, [99, 1, 0, 0])).toMatchObject({ deadCodes: 2, usage: 0.5 });
  });

  it('has the perplexity of many small batches where each has but that of its own positions', () => {
    const stream = new RandomStream(randomKey('small batches'));
    const window = new CodeWindow(64);
    const found: number[] = [];
    for (let step = 0; step < 400; step++) {
      const counts = new Array<number>(64).fill(0);
      for (let position = 0; position < 16; position++) counts[stream.integer(64)]++;
      found.push(push(window, counts).perplexity);
    }
    expect(found[0]).toBeLessThan(16);
    expect(Math.min(...found.slice(250))).toBeGreaterThan(0.96 * 64);
  });
});
