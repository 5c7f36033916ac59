import { receptiveField, repeatDilations } from './receptiveField';

describe('receptiveField', () => {
  it('is exact for the sizes of the paper', () => {
    const total = (dilations: number[], width: number): number =>
      receptiveField({ dilations, width, padding: 'causal' }).total;
    // Tables 2 and 3: 6,144 and 12,288 and 49,152 timesteps in round numbers.
    expect(total(repeatDilations(3, 10), 3)).toBe(6139);
    expect(total(repeatDilations(6, 10), 2)).toBe(6139);
    expect(total(repeatDilations(6, 10), 3)).toBe(12277);
    expect(total(repeatDilations(3, 13), 3)).toBe(49147);
  });

  it('lies in the past if causal, on both sides equally if centred', () => {
    const dilations = [1, 2, 4];
    expect(receptiveField({ dilations, width: 3, padding: 'causal' })).toEqual({
      past: 14,
      future: 0,
      total: 15,
    });
    expect(receptiveField({ dilations, width: 3, padding: 'centred' })).toEqual({
      past: 7,
      future: 7,
      total: 15,
    });
    expect(receptiveField({ dilations: [], width: 3, padding: 'causal' }).total).toBe(1);
  });

  it('names invalid values', () => {
    expect(() => receptiveField({ dilations: [1], width: 2, padding: 'centred' })).toThrow(
      'a centred convolution has an odd width, not 2',
    );
    expect(() => receptiveField({ dilations: [0], width: 2, padding: 'causal' })).toThrow('dilation is 0');
    expect(() => repeatDilations(0, 10)).toThrow('cycles is 0, but must be an integer of at least 1');
  });
});

describe('repeatDilations', () => {
  it('doubles within a cycle and starts again', () => {
    expect(repeatDilations(2, 3)).toEqual([1, 2, 4, 1, 2, 4]);
  });
});
