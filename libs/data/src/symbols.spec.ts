import { toSymbols } from './symbols';

it.each([
  [2, Uint8Array],
  [256, Uint8Array],
  [257, Uint16Array],
  [65_536, Uint16Array],
])('packs an alphabet of %i symbols into the narrowest array', (symbols, type) => {
  const sequence = [0, symbols - 1, 1];
  const packed = toSymbols(symbols, sequence);
  expect(packed).toBeInstanceOf(type);
  expect([...packed]).toEqual(sequence);
});

it.each([
  [256, [0, 256], 'symbol 256 at timestep 1 is outside the alphabet 0 … 255'],
  [512, [-1], 'symbol -1 at timestep 0 is outside the alphabet 0 … 511'],
  [512, [1, 2, 0.5], 'symbol 0.5 at timestep 2'],
  [65_537, [0], 'an alphabet has 1 to 65536 symbols, not 65537'],
])('refuses %i symbols for %j', (symbols, sequence, message) => {
  expect(() => toSymbols(symbols, sequence)).toThrow(message);
});
