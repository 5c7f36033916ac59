import { median, range, significant } from './statistics';

it('the median is the middle, and of an even number the mean of the two in the middle', () => {
  expect(median([3])).toBe(3);
  expect(median([10, 1, 9])).toBe(9);
  expect(median([10, 1, 9, 2])).toBe(5.5);
  expect(() => median([])).toThrow(RangeError);
});

it('one turn that was disturbed does not move the median', () => {
  expect(median([1.1, 1, 1, 1.05, 60])).toBe(1.05);
});

it('the range is the smallest and the largest', () => {
  expect(range([2, -1, 3])).toEqual([-1, 3]);
  expect(() => range([])).toThrow(RangeError);
});

it('numbers are cut to significant digits', () => {
  expect([123456.7, 0.000123456, 0].map((value) => significant(value, 3))).toEqual([123000, 0.000123, 0]);
});
