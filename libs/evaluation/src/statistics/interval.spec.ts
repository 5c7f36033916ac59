import { expectClose } from '@fermata/testing';

import { estimate } from './interval';

describe('estimate', () => {
  // t of 1, 2 and 4 degrees of freedom at 97.5%, from a table: 12.7062, 4.30265, 2.77645.
  it.each([
    [[1, 3], 2, 12.7062],
    [[1, 2, 3], 2, 4.30265 / Math.sqrt(3)],
    [[2, 4, 6, 8, 10], 6, 2.77645 * Math.sqrt(2)],
  ])('has the mean and half the 95%% interval of %j', (values, mean, error) => {
    const result = estimate(values);
    expectClose(result.mean, mean, 1e-12);
    expectClose(result.error!, error, 1e-5);
  });

  it('has no interval for one value, and rejects an empty list', () => {
    expect(estimate([2.5])).toEqual({ mean: 2.5 });
    expect(() => estimate([])).toThrow('estimate: there are no values');
  });
});
