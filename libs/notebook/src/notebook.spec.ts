import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

import {
  codeHistogram,
  dataFrame,
  interruptSignal,
  liveProgress,
  play,
  show,
  useWorkspace,
  type Table,
} from './index';

const shown: string[] = [];
const updated: string[] = [];
jest.mock('tslab', () => ({
  display: { html: (text: string) => shown.push(text) },
  newDisplay: () => ({ html: (text: string) => updated.push(text) }),
}));

beforeEach(() => {
  shown.length = 0;
  updated.length = 0;
});

const hostile = `</script><img src=x onerror=alert(1)>`;
const table: Table = {
  name: 'table-1',
  title: hostile,
  columns: [
    { key: 'row', title: '#' },
    { key: 'nll', title: 'NLL', digits: 2 },
    { key: 'hop', title: 'hop' },
  ],
  rows: [
    { row: '1.2', nll: { value: 3.5, error: 0.01, mark: '†' }, hop: 8 },
    { row: '1.1', nll: 3.25, hop: null },
  ],
};

test('the first figure of a notebook brings plotly.js, the others do not', () => {
  show(codeHistogram([1, 2, 3]));
  show(codeHistogram([1, 2, 3]));
  expect(shown.map((text) => text.length > 1_000_000)).toEqual([true, false, false]);
  expect(shown[0]).toContain('fermataPlot');
  const ids = shown.slice(1).map((text) => /<div\s+id="([^"]*)"/.exec(text)?.[1]);
  expect(new Set(ids).size).toBe(2);
});

test('a figure draws itself where its description stood, as soon as plotly.js is there', () => {
  const figure = codeHistogram([1, 2, 3], { title: hostile });
  show(figure);
  const text = shown.at(-1) ?? '';
  expect(text).not.toContain('<img');
  const script = /<script>(.*)<\/script>/s.exec(text)?.[1] ?? '';
  const id = /<div\s+id="([^"]*)"/.exec(text)?.[1];
  const element = { textContent: figure.description };
  const drawn: unknown[] = [];
  const later: (() => void)[] = [];
  const window: Record<string, unknown> = {};
  runInNewContext(script, {
    window,
    document: { getElementById: (name: string) => (name === id ? element : null) },
    setTimeout: (draw: (triesLeft: number) => void, _: number, triesLeft: number) => {
      later.push(() => {
        draw(triesLeft);
      });
    },
  });
  expect([drawn.length, element.textContent]).toEqual([0, figure.description]);
  window.fermataPlot = (where: unknown, what: unknown) => drawn.push([where, what]);
  later[0]();
  expect(JSON.parse(JSON.stringify(drawn))).toEqual([
    [{ textContent: '' }, { data: figure.data, layout: figure.layout }],
  ]);
});

test('a player carries the audio and its caption as text', () => {
  play(Float32Array.of(0, 0.5, -0.5), 16000, hostile);
  expect(shown[0]).not.toContain('<img');
  expect(shown[0]).toContain('src="data:audio/wav;base64,');
});

test('a DataFrame has the values without rounding, and loads without a word and with the backend as it was', async () => {
  await tf.setBackend('cpu');
  const backend = tf.backend();
  const said = (['log', 'warn', 'error', 'info'] as const).map((level) => jest.spyOn(console, level));
  const frame = await dataFrame(table);
  expect(frame.columns).toEqual(['row', 'nll', 'nll_error', 'hop']);
  expect(frame.values).toEqual([
    ['1.2', 3.5, 0.01, 8],
    ['1.1', 3.25, null, null],
  ]);
  expect(tf.backend()).toBe(backend);
  for (const spy of said) expect(spy).not.toHaveBeenCalled();
});

test('a DataFrame without danfo.js names the package to install', async () => {
  await jest.isolateModulesAsync(async () => {
    jest.doMock('danfojs-node', () => {
      throw Object.assign(new Error("Cannot find module 'danfojs-node'"), { code: 'MODULE_NOT_FOUND' });
    });
    const fresh = jest.requireActual<{ dataFrame: typeof dataFrame }>('./dataFrame');
    await expect(fresh.dataFrame(table)).rejects.toThrow('Run `npm install danfojs-node@1.2.0`.');
  });
  jest.dontMock('danfojs-node');
});

test('tables and DataFrames are shown as tables', async () => {
  show(table);
  expect(shown[0]).toContain('3.50 ± 0.01†');
  expect(shown[0]).not.toContain('<img');
  const frame = await dataFrame(table);
  show(frame.sortValues('nll'), 'sorted');
  const cells = [...shown[1].matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, cell]) => cell.trim());
  expect(cells).toEqual(['1', '1.1', '3.25', 'N/A', 'N/A', '0', '1.2', '3.5', '0.01', '8']);
});

test('of a long DataFrame the first rows are shown', () => {
  const values = Array.from({ length: 70 }, (_, i) => [i]);
  show({ columns: ['a'], index: values.map((_, i) => i), values });
  expect(shown[0].match(/<td/g)).toHaveLength(50);
  expect(shown[0]).toContain('70 rows; the first 50 are shown.');
});

describe('liveProgress', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('draws at most four times a second, each stage once at least, and the end', () => {
    const listener = liveProgress();
    for (let done = 0; done <= 1000; done++) {
      listener({ stage: 'train', done, total: 1000, detail: `NLL ${(5 - done / 1000).toFixed(3)}` });
      jest.advanceTimersByTime(10);
    }
    listener({ stage: 'evaluate', done: 0, total: 2 });
    expect(updated.length).toBeGreaterThan(30);
    expect(updated.length).toBeLessThan(45);
    expect(updated.at(-2)).toContain('done in 10 s');
    expect(updated.at(-1)).toContain('evaluate');
  });

  test('says how much is done, how long it will take, and draws the number in the detail', () => {
    const listener = liveProgress();
    listener({ stage: hostile, done: 0, total: 4, detail: 'NLL 5.5' });
    jest.advanceTimersByTime(30_000);
    listener({ stage: hostile, done: 1, total: 4, detail: 'NLL 4.5' });
    expect(updated.at(-1)).toContain('25%, 1 min 30 s left');
    expect(updated.at(-1)).toContain('points="0.0,1.0 100.0,19.0"');
    expect(updated.at(-1)).not.toContain('<img');
  });

  test('ignores numbers that are not losses', () => {
    const listener = liveProgress();
    listener({ stage: 'read', done: 0, total: 2, detail: 'bwv 846.mid' });
    listener({ stage: 'read', done: 2, total: 2, detail: 'NLL 2.mid' });
    expect(updated.at(-1)).toContain('NLL 2.mid');
    expect(updated.at(-1)).not.toContain('<polyline');
  });

  test('estimates the time left of a resumed run from its own progress', () => {
    const listener = liveProgress();
    listener({ stage: 'train', done: 90, total: 100 });
    jest.advanceTimersByTime(20_000);
    listener({ stage: 'train', done: 95, total: 100 });
    expect(updated.at(-1)).toContain('95%, 20 s left');
  });
});

test('an interrupt aborts the current cell’s work, but not the next cell’s', () => {
  const first = interruptSignal();
  expect(interruptSignal()).toBe(first);
  process.emit('SIGINT');
  expect(first.aborted).toBe(true);
  const second = interruptSignal();
  expect(second.aborted).toBe(false);
  process.emit('SIGINT');
  expect(second.aborted).toBe(true);
});

describe('useWorkspace', () => {
  const before = process.cwd();
  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')));
    mkdirSync(join(folder, 'notebooks', 'deeper'), { recursive: true });
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  test('goes to the folder whose package.json has workspaces', () => {
    writeFileSync(join(folder, 'package.json'), '{ "workspaces": ["notebooks"] }');
    writeFileSync(join(folder, 'notebooks', 'package.json'), '{ "name": "notebooks" }');
    process.chdir(join(folder, 'notebooks', 'deeper'));
    expect(useWorkspace()).toBe(folder);
    expect(process.cwd()).toBe(folder);
    expect(useWorkspace()).toBe(folder);
  });

  test('stays where it is outside a repository', () => {
    process.chdir(folder);
    expect(useWorkspace()).toBe(folder);
  });
});
