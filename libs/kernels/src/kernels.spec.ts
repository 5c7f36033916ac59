import { fold, randomKey, RandomStream } from '@fermata/core';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import type { Kernels } from './kernels';
import { loadKernels } from './load';
import { calls, floats } from './testing/calls';

const kernels = loadKernels();
const describeNative = kernels === undefined ? describe.skip : describe;

/** Bytes of all arrays and numbers in nested arguments. */
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
    'answers any wrong arguments with a TypeError that names it: %s',
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
          if (array.buffer.byteLength === 0) return null; // one mistake met another
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
      // Some replacements are valid: null for an optional argument, another number for a number.
      expect(refused).toBeGreaterThan(75);
    },
    30000,
  );

  it('computes in its own memory as in JavaScript’s, and that memory outlives its neighbours', () => {
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

  (process.platform === 'linux' ? it : it.skip)('says that memory ran out, what for, and the remedy', () => {
    const addon = join(__dirname, '..', 'build', 'fermata.node');
    // A bias of 4 GiB, padded, in a process limited to 3 GiB.
    const program = `
      const none = new Float32Array(0);
      try {
        require(${JSON.stringify(addon)}).multiply(0, 0, 2 ** 30, false, false, none, none, null, none);
      } catch (error) {
        console.log(error.message);
      }`;
    const limited = `ulimit -v ${3 << 20}; exec "$0" -e "$1"`;
    const { stdout, stderr } = spawnSync('sh', ['-c', limited, process.execPath, program], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toBe(
      'multiply: memory ran out. Make the batch smaller, the crop shorter, or the streams fewer.\n',
    );
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
