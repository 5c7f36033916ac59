import { fold, randomKey, RandomStream } from '@fermata/core';

import { kernelsStatus, loadKernels } from './load';
import type { Kernels } from './kernels';

const kernels = loadKernels();
const describeNative = kernels === undefined ? describe.skip : describe;

// Made once, for most tests need the same again and again.
const made = new Map<string, Float32Array | Int32Array>();
function once<A extends Float32Array | Int32Array>(
  name: string,
  empty: A,
  value: (index: number) => number,
): A {
  const key = `${name} ${empty.length}`;
  if (!made.has(key)) {
    for (let i = 0; i < empty.length; i++) empty[i] = value(i);
    made.set(key, empty);
  }
  return made.get(key)!.slice() as A;
}

/** Numbers in [−1, 1) without a pattern; other ones for another name. */
function floats(name: string, size: number): Float32Array {
  let state = randomKey(name).low;
  return once(name, new Float32Array(size), () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

const symbols = (size: number, count: number): Int32Array =>
  once(`symbols ${count}`, new Int32Array(size), (index) => (index * 7919) % count);

/** A call of each operation that computes: its arguments, fresh each time, results among them. */
const calls: Record<string, () => unknown[]> = {
  stackForward: () => {
    const { shape, x, codes, weights } = stack();
    return [shape, x, codes, weights, new Float32Array(kernels!.stackSavedSize(shape)), zeros(2 * 1500 * 20)];
  },
  stackBackward: () => {
    const { shape, x, codes, weights } = stack();
    const saved = new Float32Array(kernels!.stackSavedSize(shape));
    kernels!.stackForward(shape, x, codes, weights, saved, zeros(2 * 1500 * 20));
    const gradients = weights.map((weight) => weight && zeros(weight.length));
    return [
      shape,
      x,
      codes,
      weights,
      saved,
      floats('dy', 2 * 1500 * 20),
      zeros(x.length),
      zeros(codes.length),
      gradients,
    ];
  },
  headForward: () => [headShape, floats('skips', 2500 * 20), headWeights(), symbols(2500, 30), zeros(2500)],
  headBackward: () => [
    headShape,
    floats('skips', 2500 * 20),
    headWeights(),
    symbols(2500, 30),
    floats('dy', 2500),
    zeros(2500 * 20),
    headWeights().map(({ length }) => zeros(length)),
  ],
  embed: () => [2, 3000, 20, 1, 30, symbols(6000, 30), floats('table', 600), zeros(120000)],
  embedBackward: () => [2, 3000, 20, 1, 30, symbols(6000, 30), floats('dy', 120000), zeros(600)],
  enterScalars: () => [
    2,
    3000,
    20,
    1,
    15,
    symbols(6000, 30),
    floats('kernel', 20),
    floats('bias', 20),
    zeros(120000),
  ],
  enterScalarsBackward: () => [
    2,
    3000,
    20,
    1,
    15,
    symbols(6000, 30),
    floats('dy', 120000),
    zeros(20),
    zeros(20),
  ],
  oneHotConvolution: () => [pastShape, symbols(1200, 30), floats('kernel', 7200), zeros(2 * 580 * 20)],
  oneHotConvolutionBackward: () => [pastShape, symbols(1200, 30), floats('dy', 2 * 580 * 20), zeros(7200)],
  nearest: () => [2000, 30, 20, floats('queries', 40000), floats('codebook', 600), new Int32Array(2000)],
  assignmentSums: () => [2000, 30, 20, floats('queries', 40000), symbols(2000, 30), zeros(30), zeros(600)],
  normalise: () => [2000, 20, 1e-3, floats('x', 40000), zeros(40000)],
  normaliseBackward: () => [
    2000,
    20,
    1e-3,
    floats('x', 40000),
    floats('y', 40000),
    floats('dy', 40000),
    zeros(40000),
  ],
  adam: () => [
    adamScalars,
    40000,
    floats('g', 40000),
    floats('w', 40000),
    zeros(40000),
    zeros(40000),
    zeros(40000),
  ],
  sumOfSquares: () => [40000, floats('x', 40000)],
  multiply: () => [
    20,
    3000,
    30,
    true,
    false,
    floats('left', 60000),
    floats('right', 90000),
    null,
    zeros(600),
  ],
  sumRows: () => [3000, 20, floats('x', 60000), zeros(20)],
  transpose: () => [300, 200, floats('x', 60000), zeros(60000)],
  binary: () => [
    'add',
    300,
    200,
    floats('x', 60000),
    true,
    true,
    floats('row', 200),
    false,
    true,
    zeros(60000),
  ],
  unary: () => ['tanh', 60000, floats('x', 60000), zeros(60000)],
  reduce: () => ['sum', 1, 60000, 1, floats('x', 60000), zeros(1)],
  argumentOf: () => [true, 300, 200, floats('x', 60000), new Int32Array(300)],
  repeatRows: () => [300, 4, 200, 0.5, floats('x', 60000), zeros(240000)],
};

const adamScalars = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  gradientScale: 0.5,
  stepSize: 0.01,
  deviationScale: 1.5,
  averageShare: 0.1,
};
const pastShape = { batch: 2, time: 600, from: 20, receptiveField: 12, symbols: 30, channels: 20 };
const headShape = { rows: 2500, skip: 20, hidden: 24, symbols: 30 };
const headWeights = () => [480, 24, 720, 30].map((size, index) => floats(`head ${index}`, size));
const zeros = (size: number) => new Float32Array(size);

function stack() {
  const [batch, time, channels, gate, skip, width, conditioning, hop] = [2, 1500, 20, 24, 20, 2, 8, 4];
  const dilations = [1, 512, 4];
  const weights = dilations.flatMap((_, layer) =>
    [
      width * channels * 2 * gate,
      2 * gate,
      gate * channels,
      channels,
      gate * skip,
      skip,
      conditioning * 2 * gate,
    ].map((size, index) =>
      layer === dilations.length - 1 && (index === 2 || index === 3)
        ? null
        : floats(`${layer} ${index}`, size).map((value) => value / 5),
    ),
  );
  const shape = { batch, time, channels, gate, skip, width, causal: true, dilations, conditioning, hop };
  const x = floats('x', batch * time * channels);
  return { shape, x, codes: floats('codes', ((batch * time) / hop) * conditioning), weights };
}

/** The bytes of all arrays and numbers in what may be nested. */
function bitsOf(value: unknown): Buffer {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return Buffer.concat(value.map(bitsOf));
  return Buffer.from(String(value));
}

function call(name: string, args: unknown[]): unknown {
  return (kernels as unknown as Record<string, (...given: unknown[]) => unknown>)[name](...args);
}

describeNative('every operation', () => {
  const { threads, sets } = { threads: kernels?.threads() ?? 1, sets: kernels?.instructionSets() ?? [] };
  afterEach(() => {
    kernels!.setThreads(threads);
    kernels!.setInstructionSet(sets[0]);
  });

  it('is tried here', () => {
    const others = [
      'instructionSet',
      'instructionSets',
      'setInstructionSet',
      'threads',
      'setThreads',
      'measurePeak',
      'allocate',
    ];
    const functions = Object.keys(kernels!).filter(
      (name) => !others.includes(name) && !name.includes('ampl'),
    );
    expect(Object.keys(calls).sort()).toEqual(functions.filter((name) => name !== 'stackSavedSize').sort());
  });

  it.each(Object.keys(calls))('gives the same bits for any number of threads: %s', (name) => {
    for (const set of sets) {
      kernels!.setInstructionSet(set);
      const results = [1, 2, 3, 7].map((count) => {
        kernels!.setThreads(count);
        const args = calls[name]();
        const value = call(name, args);
        return [value, ...args];
      });
      for (const result of results.slice(1)) expect(bitsOf(result).equals(bitsOf(results[0]))).toBe(true);
    }
  });

  it.each(Object.keys(calls))(
    'answers wrong arguments with a TypeError that names it, whatever they are: %s',
    (name) => {
      const random = new RandomStream(fold(randomKey('fuzz'), name));
      const pick = <T>(values: readonly T[]): T => values[Math.floor(random.uniform() * values.length)];
      const junk = [
        undefined,
        null,
        NaN,
        -1,
        1.5,
        2 ** 31,
        2 ** 53,
        'text',
        {},
        [],
        true,
        () => 0,
        Symbol('s'),
        10n,
      ];
      const spoil = (value: unknown): unknown => {
        if (ArrayBuffer.isView(value) && random.uniform() < 0.7) {
          const array = value as Float32Array;
          if (array.buffer.byteLength === 0) return null; // a mistake that met another
          const detached = array.slice();
          structuredClone(detached.buffer, { transfer: [detached.buffer] });
          return pick([
            array.subarray(1),
            new Float64Array(array.length),
            new Uint8Array(array.buffer),
            detached,
          ]);
        }
        if (Array.isArray(value) && random.uniform() < 0.7) {
          const copy = [...(value as unknown[])];
          const index = Math.floor(random.uniform() * copy.length);
          copy[index] = random.uniform() < 0.5 ? pick(junk.slice(3)) : spoil(copy[index]);
          return pick([copy, copy.slice(1)]);
        }
        if (
          typeof value === 'object' &&
          value !== null &&
          !ArrayBuffer.isView(value) &&
          random.uniform() < 0.7
        ) {
          const field = pick(Object.keys(value));
          return { ...value, [field]: pick([...junk, 10 ** 9]) };
        }
        return pick(junk);
      };
      let refused = 0;
      for (let trial = 0; trial < 150; trial++) {
        const args = calls[name]();
        // Trials of one wrong argument, of several, and of too few.
        for (let wrong = 0; wrong <= trial % 3; wrong++) {
          const index = Math.floor(random.uniform() * args.length);
          args[index] = spoil(args[index]);
        }
        if (trial % 10 === 0) args.length = Math.floor(random.uniform() * args.length);
        try {
          call(name, args);
        } catch (error) {
          expect((error as Error).name).toBe('TypeError');
          expect((error as Error).message).toMatch(new RegExp(`^${name}: .*\\.$`, 's'));
          refused++;
        }
      }
      // Some junk is as good as what it replaces: null for what may be missing, another number for a number.
      expect(refused).toBeGreaterThan(75);
    },
    30000,
  );

  it('computes in memory of its own as in that of JavaScript, which outlives its neighbours', () => {
    const [x, result] = [kernels!.allocate(600), kernels!.allocate(600)];
    x.set(floats('x', 600));
    for (let i = 0; i < 50; i++) kernels!.allocate(1 << 18).fill(i);
    kernels!.unary('negate', 600, x, result);
    expect(result).toEqual(floats('x', 600).map((value) => -value));
    expect(kernels!.allocate(0)).toHaveLength(0);
    expect(() => kernels!.allocate(-1)).toThrow('allocate: size must be an integer of 0 …');
  });

  it('keeps, of a stack, the gate’s two factors and the residual output: 768 bytes a layer and timestep of 64 channels', () => {
    const sizes = { channels: 64, gate: 64, skip: 64, width: 2, causal: true, conditioning: 0, hop: 1 };
    const bytesOf = (layers: number) =>
      4 *
      kernels!.stackSavedSize({ ...sizes, batch: 2, time: 500, dilations: Array<number>(layers).fill(1) });
    // The last layer has no residual output.
    expect(bytesOf(10) / 1000).toBe(10 * 768 - 256);
    expect(bytesOf(11) - bytesOf(10)).toBe(768 * 1000);
  });

  it('names the operation, the argument and the shape', () => {
    const message = (run: (k: Kernels) => void): string => {
      try {
        run(kernels!);
      } catch (error) {
        return (error as Error).message;
      }
      return 'nothing was thrown';
    };
    expect(message((k) => { k.sumRows(2, 3, new Float32Array(5), new Float32Array(3)); })).toBe('sumRows: x of shape [2, 3] has 5 values.'); // prettier-ignore
    expect(message((k) => { k.embed(1, 2, 1, 0, 3, Int32Array.of(0, 3), new Float32Array(3), new Float32Array(2)); })).toBe('embed: symbols has 3 at 1, which is not in 0 … 2.'); // prettier-ignore
    expect(message((k) => { k.setInstructionSet('mmx'); })).toMatch(/^setInstructionSet: the instruction set mmx \(see FERMATA_ISA\) is not among those of this machine, /); // prettier-ignore
    expect(message((k) => { k.setThreads(0); })).toContain('setThreads: threads must be an integer of 1 … 1024, but is 0'); // prettier-ignore
  });
});

describe('kernelsStatus', () => {
  const environment = { ...process.env };
  afterEach(() => {
    Object.assign(process.env, { FERMATA_NATIVE: '', FERMATA_THREADS: '', FERMATA_ISA: '' }, environment);
  });

  it('says that they are switched off', () => {
    process.env.FERMATA_NATIVE = 'off';
    expect(loadKernels()).toBeUndefined();
    expect(kernelsStatus()).toEqual({
      available: false,
      reason: 'FERMATA_NATIVE=off switches the compiled kernels off: unset it',
    });
  });

  it.each([
    ['FERMATA_NATIVE', 'of', 'FERMATA_NATIVE is of. Set it to off, or unset it'],
    ['FERMATA_THREADS', 'two', 'FERMATA_THREADS is two. Give a whole number from 1 to 999.'],
    ['FERMATA_THREADS', '0', 'FERMATA_THREADS is 0.'],
  ])('names the variable that has a mistake: %s=%s', (name, value, message) => {
    process.env[name] = value;
    expect(() => loadKernels()).toThrow(message);
  });

  it('names the instruction sets that there are', () => {
    if (kernels === undefined) return;
    process.env.FERMATA_ISA = 'axv2';
    jest.isolateModules(() => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- a fresh copy, which has loaded nothing yet
      const fresh = require('./load') as { loadKernels: typeof loadKernels };
      expect(() => fresh.loadKernels()).toThrow(
        `FERMATA_ISA is axv2. This machine has ${kernels.instructionSets().join(', ')}.`,
      );
    });
  });
});
