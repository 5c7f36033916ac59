import { duration } from './duration';

describe('duration', () => {
  it('is written for people', () => {
    expect([0.04, 8, 59.4, 59.6, 125, 3599.7, 3600, 11_220].map(duration)).toEqual([
      '0 s',
      '8 s',
      '59 s',
      '1 min',
      '2 min 5 s',
      '1 h',
      '1 h',
      '3 h 7 min',
    ]);
  });
});
