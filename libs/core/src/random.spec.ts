import { fold, normals, randomKey, RandomStream, split, uniforms } from './random';

const key = randomKey('spec');
const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

describe('RandomStream', () => {
  it("draws the numbers of xoshiro128**'s reference implementation from the state 1, 2, 3, 4", () => {
    const stream = new RandomStream(key);
    Object.assign(stream, { a: 1, b: 2, c: 3, d: 4 });
    expect(draw(10, () => stream.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('draws the same from the same key', () => {
    const [first, second] = [new RandomStream(key), new RandomStream(randomKey('spec'))];
    expect(draw(5, () => first.normal())).toEqual(draw(5, () => second.normal()));
  });

  it('sets each bit half of the time', () => {
    const stream = new RandomStream(key);
    const count = 40_000;
    const ones = new Array<number>(32).fill(0);
    for (let i = 0; i < count; i++) {
      const bits = stream.uint32();
      for (let bit = 0; bit < 32; bit++) ones[bit] += (bits >>> bit) & 1;
    }
    for (const times of ones)
      expect(Math.abs(times / count - 0.5)).toBeLessThan(4.5 * (0.5 / Math.sqrt(count)));
  });

  it('draws uniform numbers in [0, 1)', () => {
    const stream = new RandomStream(key);
    const values = draw(100_000, () => stream.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean(values)).toBeCloseTo(1 / 2, 2);
    expect(mean(values.map((x) => x * x))).toBeCloseTo(1 / 3, 2);
    // 53 bits, not 32.
    expect(values.every((x) => Number.isInteger(x * 2 ** 32))).toBe(false);
  });

  it('draws integers below a bound, each equally likely', () => {
    const stream = new RandomStream(key);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]++;
    // The 0.001 quantile of chi-squared with 6 degrees of freedom is 22.5.
    expect(counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)).toBeLessThan(22.5);
    expect(stream.integer(1)).toBe(0);
    for (const bound of [0, -1, 1.5, NaN]) expect(() => stream.integer(bound)).toThrow(RangeError);
  });

  it('draws normal numbers', () => {
    const stream = new RandomStream(key);
    const values = draw(100_000, () => stream.normal());
    expect(mean(values)).toBeCloseTo(0, 1);
    expect(mean(values.map((x) => x ** 2))).toBeCloseTo(1, 1);
    expect(mean(values.map((x) => x ** 4))).toBeCloseTo(3, 0);
    // Φ(1), Φ(−2)
    expect(mean(values.map((x) => Number(x < 1)))).toBeCloseTo(0.8413, 2);
    expect(mean(values.map((x) => Number(x < -2)))).toBeCloseTo(0.0228, 2);
    // The two numbers from one pair of uniform numbers are independent.
    expect(mean(draw(50_000, () => stream.normal() * stream.normal()))).toBeCloseTo(0, 1);
  });

  it('draws indices by weight', () => {
    const stream = new RandomStream(key);
    const weights = [1, 0, 2, 1];
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 40_000; i++) counts[stream.weighted(weights)]++;
    expect(counts[1]).toBe(0);
    // Four standard deviations of a share of 40,000 draws are 0.01.
    weights.forEach((weight, i) => {
      expect(Math.abs(counts[i] / 40_000 - weight / 4)).toBeLessThan(0.01);
    });
    expect(() => stream.weighted([0, 0])).toThrow(RangeError);
    expect(() => stream.weighted([])).toThrow(RangeError);
    expect(() => stream.weighted([NaN])).toThrow(RangeError);
  });

  it('picks and shuffles without changing the list', () => {
    const stream = new RandomStream(key);
    const list = ['a', 'b', 'c'] as const;
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = stream.shuffle(list).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect([...orders.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    for (const times of orders.values()) expect(Math.abs(times - 1000)).toBeLessThan(130);
    expect(list).toEqual(['a', 'b', 'c']);
    expect(new Set(draw(50, () => stream.pick(list)))).toEqual(new Set(list));
    expect(() => stream.pick([])).toThrow(RangeError);
  });
});

describe('keys', () => {
  it('differ for different data, for numbers and their text, and for orders of folding', () => {
    const keys = [
      key,
      randomKey(0),
      randomKey(1),
      randomKey('1'),
      randomKey(-1),
      randomKey(2 ** 32),
      randomKey(2 ** 53 - 1),
      fold(key, 'a'),
      fold(key, 'b'),
      fold(key, 'ab'),
      fold(fold(key, 'a'), 'b'),
      fold(fold(key, 'b'), 'a'),
      ...split(key, 100),
    ];
    expect(new Set(keys.map(({ high, low }) => `${high} ${low}`)).size).toBe(keys.length);
  });

  it('give independent streams', () => {
    // Shifted copies of one stream would make neighbours correlated.
    const firsts = split(key, 20_000).map((child) => new RandomStream(child).uniform());
    expect(mean(firsts)).toBeCloseTo(1 / 2, 2);
    const products = firsts.slice(1).map((x, i) => (x - 0.5) * (firsts[i] - 0.5));
    expect(Math.abs(mean(products))).toBeLessThan(4 / 12 / Math.sqrt(20_000));
  });

  it('take only safe integers and text', () => {
    for (const data of [0.5, NaN, 2 ** 53]) expect(() => fold(key, data)).toThrow(RangeError);
  });

  it('never change their numbers: later versions resume runs', () => {
    expect(randomKey(1)).toEqual({ high: 1346812984, low: 2990291898 });
    expect(new RandomStream(randomKey(1)).uint32()).toBe(519784814);
  });
});

it('normals and uniforms are 32-bit floats, the uniform ones below 1', () => {
  expect(mean(normals(key, 10_000))).toBeCloseTo(0, 1);
  const values = uniforms(key, 100_000);
  expect(values).toBeInstanceOf(Float32Array);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(mean(values)).toBeCloseTo(1 / 2, 2);
});
