import { UserError } from '@fermata/core';
import { fromSources } from '@fermata/testing';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BenchOptions } from './contenders';
import { benchData } from './data';
import { describeResult } from './describe';
import { flopsPerTimestep } from './flops';
import { benchSample } from './sample';
import { benchTrain } from './train';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const options: BenchOptions = {
  threads: 1,
  backend: 'cpu',
  peers: [],
  repetitions: 2,
  seconds: 0.001,
  execArgv: fromSources,
};
const net = { channels: 4, layers: 2 };

const native = process.env.FERMATA_NATIVE;
afterEach(() => {
  if (native === undefined) delete process.env.FERMATA_NATIVE;
  else process.env.FERMATA_NATIVE = native;
});
const crop = { length: 32, batch: 2 };

/** Imitation of a Python: it answers each request with the result of the text. */
function fakePython(name: string, answer: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!${process.execPath}
    require('node:readline').createInterface(process.stdin).on('line', (line) => {
      const request = JSON.parse(line);
      console.log(JSON.stringify(${answer}));
    });`,
  );
  chmodSync(path, 0o755);
  return path;
}

describe('train', () => {
  it('gives the speed of a step and of its parts, and that of tfjs on wasm', async () => {
    const result = await benchTrain({ ...options, ...net, ...crop, peers: ['wasm'] });
    expect(result).toMatchObject({
      benchmark: 'train',
      backend: 'cpu',
      threads: 1,
      repetitions: 2,
      ...net,
      ...crop,
    });
    const { total } = flopsPerTimestep({ ...net, head: 4 });
    expect(result.flopsPerTimestep).toBe(total);
    expect(result.timestepsPerSecond).toBeGreaterThan(0);
    expect(result.timestepsPerSecond * result.seconds).toBeCloseTo(64, 1);
    expect(result.gflopsPerSecond / ((result.timestepsPerSecond * total) / 1e9)).toBeCloseTo(1, 3);
    expect(result.forward.timestepsPerSecond).toBeGreaterThan(0);
    expect(result.optimiserSeconds).toBeGreaterThanOrEqual(0);
    for (const { peakMemoryMiB } of [result, result.peers[0]]) {
      if (process.platform === 'linux') expect(peakMemoryMiB).toBeGreaterThan(30);
      else expect(peakMemoryMiB).toBeNull();
    }
    expect(result.unavailable).toEqual([]);
    const [wasm, ...others] = result.peers;
    expect(others).toEqual([]);
    expect(wasm.name).toMatch(/^tfjs \d+\.\d+\.\d+ wasm$/);
    expect(wasm.length).toBe(32);
    expect(wasm.ratio / (result.timestepsPerSecond / wasm.timestepsPerSecond)).toBeCloseTo(1, 3);
    const [low, high] = wasm.ratioRange;
    expect(low).toBeLessThanOrEqual(high);
    expect(describeResult(result)).toContain(wasm.name);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result); // no NaN, no undefined
  });

  it('reports an unknown peak without the kernels', async () => {
    process.env.FERMATA_NATIVE = 'off';
    const without = await benchTrain({ ...options, ...net, ...crop });
    delete process.env.FERMATA_NATIVE;
    expect([without.peakGflopsPerSecond, without.percentOfPeak]).toEqual([null, null]);
    expect(describeResult(without)).toContain('The peak is unknown');
  });

  it('rejects a missing backend', async () => {
    process.env.FERMATA_NATIVE = 'off';
    const measured = benchTrain({ ...options, ...net, ...crop, backend: 'native' });
    await expect(measured).rejects.toThrow(UserError);
  });

  it('compares with TensorFlow, or says that it is missing', async () => {
    const { peers, unavailable } = await benchTrain({ ...options, ...net, ...crop, peers: ['tensorflow'] });
    const [found] = [...peers, ...unavailable];
    expect(found.name).toMatch(/^tfjs (\d+\.\d+\.\d+|on) tensorflow$/);
  });
});

it('stops when it is told to, with the reason', async () => {
  const controller = new AbortController();
  const stopped = benchTrain({
    ...options,
    ...net,
    ...crop,
    repetitions: 1_000_000,
    signal: controller.signal,
  });
  setTimeout(() => {
    controller.abort(new Error('enough'));
  }, 1500);
  await expect(stopped).rejects.toThrow('enough');
  await expect(benchTrain({ ...options, ...net, ...crop, signal: controller.signal })).rejects.toThrow(
    'enough',
  );
});

describe('sample', () => {
  it('gives samples per second of all streams, and those of the TypeScript sampler', async () => {
    const result = await benchSample({ ...options, ...net, streams: 3, weights: 'fp32', peers: ['wasm'] });
    expect(result).toMatchObject({ benchmark: 'sample', streams: 3, weights: 'fp32', ...net });
    expect(result.samplesPerSecond).toBeGreaterThan(0);
    // Without kernels, that sampler is the measured one.
    const wasm = { name: expect.stringMatching(/^tfjs .* wasm, TypeScript sampler$/) as string };
    expect(result.peers).toMatchObject(result.sampler === 'native' ? [wasm] : []);
    for (const peer of result.peers) expect(peer.samplesPerSecond).toBeGreaterThan(0);
    expect(describeResult(result)).toContain('3 streams, 1 thread');
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});

describe('data', () => {
  it('gives the share of the data pipeline in a step', async () => {
    const result = await benchData({ ...options, ...net, ...crop });
    expect(result).toMatchObject({ benchmark: 'data', backend: 'cpu', ...net, ...crop });
    expect(result.percentOfStep / ((100 * result.batchSeconds) / result.stepSeconds)).toBeCloseTo(1, 2);
    expect(describeResult(result)).toContain(`${result.percentOfStep}% of a training step`);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});

describe('PyTorch', () => {
  const train = (pythons?: readonly string[]) => {
    const messages: string[] = [];
    const result = benchTrain({
      ...options,
      ...net,
      ...crop,
      peers: ['pytorch'],
      pythons,
      onMessage: (line) => messages.push(line),
    });
    return { result, messages };
  };

  it('is no peer, and no failure, where there is no Python', async () => {
    const { PATH } = process.env;
    process.env.PATH = folder;
    const { result, messages } = train();
    const { peers, unavailable } = await result.finally(() => {
      process.env.PATH = PATH;
    });
    expect(peers).toEqual([]);
    expect(unavailable.map(({ name }) => name)).toEqual(['PyTorch']);
    expect(messages).toEqual([
      'No comparison with PyTorch: python3: python3 cannot be started (ENOENT). Install it with `pip install torch`, and name its Python with --python.',
    ]);
  });

  it('is no peer where the python3 on the PATH has none, but must be there where one was named', async () => {
    fakePython('python3', `{ error: "No module named 'torch'", missing: true }`);
    const { PATH } = process.env;
    process.env.PATH = folder;
    const { result, messages } = train();
    const { peers } = await result.finally(() => {
      process.env.PATH = PATH;
    });
    expect([peers, messages]).toEqual([[], [expect.stringContaining("No module named 'torch'")]]);
    const named = join(folder, 'python3');
    await expect(train([named]).result).rejects.toThrow(
      new UserError(
        `--python ${named}: No module named 'torch'.`,
        'Install it with `pip install torch`, and name its Python with --python.',
      ),
    );
  });

  it('must compute the same losses', async () => {
    const other = fakePython('other', `{ version: '9', check: [1, 1] }`);
    await expect(train([other]).result).rejects.toThrow(
      /PyTorch 9 eager computes losses of \[1, 1\] nats where Fermata/,
    );
  });
});
