import type { Kernels } from './kernels';
import { loadKernels } from './load';
import type { SamplerChunk, SamplerShape } from './sampler';

const kernels = loadKernels();
const describeNative = kernels === undefined ? describe.skip : describe;

const shape: SamplerShape = {
  streams: 2,
  symbols: 5,
  channels: 3,
  gate: 4,
  skip: 6,
  head: 7,
  width: 2,
  dilations: [1, 2],
  conditioning: 2,
  hop: 4,
};
const zeros = (size: number): Float32Array => new Float32Array(size);
const layer = (last: boolean): (Float32Array | null)[] => [
  zeros(2 * 3 * 8),
  zeros(8),
  last ? null : zeros(4 * 3),
  last ? null : zeros(3),
  zeros(4 * 6),
  zeros(6),
  zeros(2 * 8),
];
const weights = (): Parameters<Kernels['createSampler']> => [
  shape,
  'fp32',
  zeros(5 * 3),
  [...layer(false), ...layer(true)],
  [zeros(6 * 7), zeros(7), zeros(7 * 5), zeros(5)],
];
const chunk: SamplerChunk = {
  position: 0,
  steps: 6,
  given: 2,
  temperature: 1,
  topK: 5,
  topP: 1,
  codes: 2,
  firstCode: 0,
};

// The addon's errors belong to the realm outside the test.
const typeError = (message: string): unknown =>
  expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(message) as string });

function detached(size: number): Int32Array {
  const array = new Int32Array(size);
  structuredClone(array, { transfer: [array.buffer] });
  return array;
}

describeNative('the compiled sampler', () => {
  const native = kernels!;
  const steps = (): Parameters<Kernels['sampleSteps']> => [
    native.createSampler(...weights()),
    chunk,
    new Int32Array(12),
    new Int32Array(2).fill(-1),
    new Int32Array(4),
    zeros(2 * 2 * 2),
    zeros(2 * 6 * 5),
  ];

  it('draws uniformly where no symbol is more probable', () => {
    const [sampler, , , previous, , conditioning] = steps();
    const symbols = new Int32Array(2 * 8);
    const keys = Int32Array.of(1, 2, 3, 4);
    const drawn = native.sampleSteps(
      sampler,
      { ...chunk, steps: 8 },
      symbols,
      previous,
      keys,
      conditioning,
      null,
    );
    expect(drawn).toBe(true);
    expect(new Set(symbols).size).toBeGreaterThan(2);
    expect([...previous]).toEqual([symbols[7], symbols[15]]);
  });

  it.each<[string, number, unknown, string]>([
    ['a missing shape', 0, undefined, 'createSampler: shape must be an object'],
    ['no streams', 0, { ...shape, streams: 0 }, 'streams must be an integer of 1 …'],
    ['too many streams', 0, { ...shape, streams: 2 ** 30 }, 'streams are too many for layers of this size'],
    ['no dilations', 0, { ...shape, dilations: [] }, 'dilations is empty'],
    ['an endless dilation', 0, { ...shape, dilations: [2 ** 30, 1] }, 'the dilation 1073741824 is too large'],
    ['another format', 1, 'fp8', 'weights is fp8, but must be fp32, bf16 or int8'],
    ['a table of another length', 2, zeros(14), 'table of shape [5, 3] has 14 values'],
    ['a table of another type', 2, new Float64Array(15), 'table of shape [5, 3] must be a Float32Array'],
    ['a layer too few', 3, layer(true), 'layers must have 14 elements, but has 7'],
    ['no head', 4, null, 'head must be an array of Float32Arrays, but is null'],
  ])('is not made of %s', (_, position, value, message) => {
    const args: unknown[] = weights();
    args[position] = value;
    expect(() => native.createSampler(...(args as ReturnType<typeof weights>))).toThrow(
      typeError(message) as Error,
    );
  });

  it.each<[string, number, unknown, string]>([
    [
      'an object that is no sampler',
      0,
      {},
      'sampleSteps: the first argument must be a sampler from createSampler',
    ],
    ['no chunk', 1, 7, 'chunk must be an object'],
    ['a fractional position', 1, { ...chunk, position: 0.5 }, 'position must be an integer of at least 0'],
    ['more given than steps', 1, { ...chunk, given: 7 }, 'given must be at most steps'],
    [
      'a temperature below zero',
      1,
      { ...chunk, temperature: -1 },
      'temperature must be a number of at least 0',
    ],
    ['no temperature', 1, { ...chunk, temperature: undefined }, 'temperature must be a number'],
    ['topK of 0', 1, { ...chunk, topK: 0 }, 'topK must be an integer of 1 …'],
    ['topP of 0', 1, { ...chunk, topP: 0 }, 'topP must be a number above 0 and at most 1'],
    ['codes to come', 1, { ...chunk, firstCode: 1 }, 'the codes 1 … 2 does not cover the timesteps 0 … 5'],
    ['too few codes', 1, { ...chunk, position: 4 }, 'the codes 0 … 1 does not cover the timesteps 4 … 9'],
    ['symbols of another length', 2, new Int32Array(11), 'symbols of shape [2, 6] has 11 values'],
    ['detached symbols', 2, detached(12), 'symbols of shape [2, 6] has 0 values'],
    ['a given symbol out of range', 2, new Int32Array(12).fill(5), 'symbols has 5, which is not in 0 … 4'],
    ['a previous symbol out of range', 3, Int32Array.of(0, -2), 'previous has -2, which is not in -1 … 4'],
    ['keys as numbers', 4, [1, 2, 3, 4], 'keys of shape [2, 2] must be an Int32Array'],
    ['no conditioning', 5, null, 'conditioning of shape [2, 2, 2] must be a Float32Array, but is null'],
    ['logits without room', 6, zeros(3), 'logits of shape [2, 6, 5] has 3 values'],
  ])('does not take %s', (_, position, value, message) => {
    const args: unknown[] = steps();
    args[position] = value;
    expect(() => native.sampleSteps(...(args as ReturnType<typeof steps>))).toThrow(
      typeError(message) as Error,
    );
  });

  it('is unusable after its release', () => {
    const args = steps();
    native.releaseSampler(args[0]);
    expect(() => native.sampleSteps(...args)).toThrow('sampleSteps: the sampler was released');
    expect(() => { native.releaseSampler(args[0]); }).toThrow('releaseSampler: the sampler was released'); // prettier-ignore
  });
});
