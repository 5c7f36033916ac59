import { createContext, runInContext } from 'node:vm';

import { plotlyScript } from '../assets';
import type { PlotlyFigure } from '../figure';
import { codeHistogram } from './codeHistogram';
import { forestPlot, type ForestLine } from './forestPlot';
import { learningCurves } from './learningCurves';
import { predictabilityProfile } from './predictabilityProfile';
import { spectrogram } from './spectrogram';
import { envelope, waveform } from './waveform';

const tone = (seconds: number, hertz: number) =>
  Float32Array.from({ length: 16000 * seconds }, (_, t) => 0.5 * Math.sin((2 * Math.PI * hertz * t) / 16000));

const verdicts = { quantity: 'difference (nats)', groups: ['reproduced', 'contradicted', 'undecided'] };
const lines: ForestLine[] = [
  { label: '#1.3 < #1.2', group: 'undecided', value: -0.0512, error: 0.06, reference: -0.052 },
  { label: '#1.4 > #1.2', group: 'reproduced', value: 0.1 },
];

const figures: Record<string, PlotlyFigure> = {
  forestPlot: forestPlot(lines, verdicts),
  learningCurves: learningCurves(
    [{ name: '#1.1', timesteps: [1, 2, 3], nll: [5, 4, 3], evaluation: { timesteps: [3], nll: [3.1] } }],
    { logarithmic: true, subtitle: 'scale tiny' },
  ),
  predictabilityProfile: predictabilityProfile(
    [
      {
        name: 'codes',
        points: [
          { receptiveField: 64, nll: 3, error: 0.1 },
          { receptiveField: 0, nll: 5 },
        ],
      },
    ],
    { encoderReceptiveField: 64 },
  ),
  codeHistogram: codeHistogram([1, 3, 0, 4]),
  spectrogram: spectrogram(tone(1, 440), 16000),
  waveform: waveform(tone(1, 440), 16000),
};

describe.each(Object.entries(figures))('%s', (_, figure) => {
  test('has only attributes that plotly.js knows, with values of the kind it expects', () => {
    expect(problems(figure)).toEqual([]);
  });

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(figure))).toEqual({ ...figure, subtitle: figure.subtitle });
  });
});

test('the check of attributes finds a misspelt one', () => {
  const { layout } = figures.waveform;
  const misspelt = {
    ...figures.waveform,
    layout: { ...layout, xaxis: { ...(layout.xaxis as object), showgird: true } },
  };
  expect(problems(misspelt)).toEqual(['layout.xaxis.showgird']);
});

test('the profile puts r on a logarithmic axis, with 0 one step left of 1', () => {
  const [trace] = figures.predictabilityProfile.data;
  expect([trace.x, trace.y, trace.customdata]).toEqual([
    [-1, 6],
    [5, 3],
    [0, 64],
  ]);
  expect(figures.predictabilityProfile.layout.xaxis).toMatchObject({
    tickvals: [-1, 0, 1, 2, 3, 4, 5, 6],
    ticktext: ['0', '1', '2', '4', '8', '16', '32', '64'],
  });
});

test('the profile keeps each error with its point, and marks the receptive field of the encoder', () => {
  const { data, layout } = figures.predictabilityProfile;
  expect(data[0].error_y).toMatchObject({ array: [0, 0.1] });
  expect(layout.shapes).toMatchObject([{ x0: 6, x1: 6 }]);
});

test('the code histogram is sorted and says perplexity and codes in use', () => {
  const entropy = -(0.5 * Math.log(0.5) + 0.375 * Math.log(0.375) + 0.125 * Math.log(0.125));
  expect(figures.codeHistogram.data[0].y).toEqual([50, 37.5, 12.5, 0]);
  expect(figures.codeHistogram.title).toBe(
    `Codes: perplexity ${Math.exp(entropy).toFixed(1)} of 4, 3 in use`,
  );
  expect(() => codeHistogram([0, 0])).toThrow('all 2 counts are zero');
});

test('the code histogram has a line where all codes would be used equally often', () => {
  expect(figures.codeHistogram.data[1].y).toEqual([25, 25]);
});

test('a forest plot has its lines from top to bottom, a look for each group, and the intervals in words', () => {
  const { data, layout, description } = figures.forestPlot;
  expect(data.map(({ name, x, y }) => [name, x, y])).toEqual([
    ['the paper', [-0.052], ['#1.3 &lt; #1.2']],
    ['reproduced', [0.1], ['#1.4 &gt; #1.2']],
    ['undecided', [-0.0512], ['#1.3 &lt; #1.2']],
  ]);
  expect(data[2].error_x).toMatchObject({ array: [0.06] });
  expect((layout.yaxis as { categoryarray: string[] }).categoryarray.at(-1)).toBe('#1.3 &lt; #1.2');
  expect(description).toBe(
    'Differences: #1.3 < #1.2 -0.0512 ± 0.06, undecided; #1.4 > #1.2 0.1, reproduced.',
  );
  const [alone] = forestPlot([lines[0]], verdicts).data.slice(1);
  expect(alone.marker).toEqual(data[2].marker);
});

test('a forest plot refuses duplicate labels and unknown groups', () => {
  expect(() => forestPlot([lines[0], lines[0]], verdicts)).toThrow('the label #1.3 < #1.2 appears twice');
  expect(() => forestPlot([{ ...lines[0], group: 'decided' }], verdicts)).toThrow(
    'the group decided is not among reproduced, contradicted, undecided',
  );
});

test('a learning curve is averaged over its neighbourhood, and gaps stay gaps', () => {
  const { data } = learningCurves([{ name: 'a', timesteps: [10, 20, 30], nll: [2, NaN, 2] }]);
  expect(data[0].y).toEqual([2, null, 2]);
  expect(data[1].y).toEqual([2, null, 2]);
  const steps = Array.from({ length: 401 }, (_, i) => i);
  const noisy = learningCurves([
    { name: 'a', timesteps: steps, nll: steps.map((i) => (i % 2 === 0 ? 3 : 1)) },
  ]);
  const mean = noisy.data[1].y as number[];
  // Steps 90 … 110: eleven even ones and ten odd ones.
  expect(mean[100]).toBeCloseTo((11 * 3 + 10) / 21, 3);
  expect(mean[0]).toBe(3);
  expect(() => learningCurves([{ name: 'a', timesteps: [1], nll: [] }])).toThrow('1 steps but 0 NLLs');
});

test('the held-out NLL stands at the timesteps where it was measured', () => {
  const [, , evaluation] = figures.learningCurves.data;
  expect([evaluation.x, evaluation.y]).toEqual([[3], [3.1]]);
});

test('the NLL axis of a learning curve holds every value, with some room', () => {
  const [low, high] = (figures.learningCurves.layout.yaxis as { range: number[] }).range;
  expect(low).toBeGreaterThan(2);
  expect(low).toBeLessThan(3);
  expect(high).toBeGreaterThan(5);
  expect(high).toBeLessThan(6);
});

test('long curves keep their first and last points', () => {
  const steps = Array.from({ length: 10007 }, (_, i) => i + 1);
  const [{ x }] = learningCurves([{ name: 'a', timesteps: steps, nll: steps }]).data;
  expect((x as number[]).length).toBeLessThan(500);
  expect([(x as number[])[0], (x as number[]).at(-1)]).toEqual([1, 10007]);
});

test.each(['log', 'linear'] as const)(
  'a %s spectrogram shows a tone at its frequency and level',
  (frequency) => {
    const figure = spectrogram(tone(1, 875), 16000, { frequency });
    const { z } = figure.data[0] as unknown as { z: { bdata: string; shape: string } };
    const [rows, columns] = z.shape.split(',').map(Number);
    const decibels = new Int8Array(Buffer.from(z.bdata, 'base64'));
    const column = Array.from(
      { length: rows },
      (_, row) => decibels[row * columns + Math.floor(columns / 2)],
    );
    const loudest = Math.max(...column);
    expect(loudest).toBe(-6);
    const row = column.indexOf(loudest) + 0.5;
    const { tickvals, ticktext } = figure.layout.yaxis as { tickvals: number[]; ticktext: string[] };
    const expected = frequency === 'log' ? tickvals[ticktext.indexOf('880')] : (rows * 875) / 8000;
    expect(Math.abs(row - expected)).toBeLessThan(1.5);
  },
);

test('the ticks of a linear spectrogram are in proportion to their frequencies', () => {
  const { layout } = spectrogram(tone(1, 440), 16000, { frequency: 'linear' });
  const { tickvals, ticktext } = layout.yaxis as { tickvals: number[]; ticktext: string[] };
  expect(tickvals[ticktext.indexOf('4000')]).toBe(80); // half of the 160 rows
});

test('a spectrogram of more frames than columns reaches to the end of the recording', () => {
  const [trace] = spectrogram(tone(8, 440), 16000).data;
  const { x0, dx, z } = trace as unknown as { x0: number; dx: number; z: { shape: string } };
  const columns = Number(z.shape.split(',')[1]);
  expect(x0 + (columns - 0.5) * dx).toBeCloseTo(8, 1);
});

test('an envelope holds the extremes of every stretch', () => {
  const { low, high } = envelope(Float32Array.of(0, 1, -1, 0.5, 0.25, -0.25), 3);
  expect([...low]).toEqual([0, -1, -0.25]);
  expect([...high]).toEqual([1, 0.5, 0.25]);
  expect(envelope(new Float32Array(2), 100).low).toHaveLength(2);
});

test('a waveform has its extremes in the middle of their stretches', () => {
  const times = figures.waveform.data[0].x as number[];
  expect(times[0]).toBeCloseTo(0.5 / 800, 4);
  expect(times.at(-1)).toBeCloseTo(799.5 / 800, 4);
});

// Looks every attribute up in plotly.js's schema, as Plotly.validate does, which needs a browser.
interface Schema {
  traces: Record<string, { attributes: Attributes; layoutAttributes?: Attributes }>;
  layout: { layoutAttributes: Attributes };
}
type Attributes = Record<string, unknown>;
interface Attribute {
  valType?: string;
  items?: Record<string, Attributes>;
}

const schema = loadSchema();

/** The schema that plotly.js holds: it loads only in a page, here one in which everything exists and nothing happens. */
function loadSchema(): Schema {
  const nothing: object = new Proxy(() => undefined, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => '' : nothing),
    set: () => true,
    apply: () => nothing,
  });
  const methods = { setAttribute: nothing, setAttributeNS: nothing, setProperty: nothing };
  const element = Object.assign(
    function () {
      return nothing;
    },
    { prototype: methods },
  );
  const page: Record<string, unknown> = { document: nothing, navigator: { userAgent: '' } };
  for (const name of ['Element', 'CSSStyleDeclaration', 'DOMParser']) page[name] = element;
  page.self = page.window = createContext(page);
  runInContext(plotlyScript(), page);
  return runInContext('Plotly.PlotSchema.get()', page) as Schema;
}

function problems(figure: PlotlyFigure): string[] {
  const ofTraces = figure.data.map((trace) =>
    Object.entries(schema.traces[trace.type].layoutAttributes ?? {}),
  );
  const layout: Attributes = { ...schema.layout.layoutAttributes, ...Object.fromEntries(ofTraces.flat()) };
  return [
    ...figure.data.flatMap((trace, i) => unknown(trace, schema.traces[trace.type].attributes, `data[${i}]`)),
    ...unknown(figure.layout, layout, 'layout'),
  ];
}

function unknown(value: object, attributes: Attributes, path: string): string[] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const here = `${path}.${key}`;
    const attribute = attributes[key] as (Attribute & Attributes) | undefined;
    if (attribute === undefined) return [here];
    if (key === 'type') return [];
    if (attribute.valType !== undefined) return fits(member, attribute.valType) ? [] : [here];
    if (attribute.items !== undefined && Array.isArray(member)) {
      const [item] = Object.values(attribute.items);
      return member.flatMap((element: object, i) => unknown(element, item, `${here}[${i}]`));
    }
    return typeof member === 'object' && member !== null ? unknown(member, attribute, here) : [here];
  });
}

function fits(value: unknown, valType: string): boolean {
  switch (valType) {
    case 'number':
    case 'integer':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'data_array':
      return Array.isArray(value) || (typeof value === 'object' && value !== null && 'bdata' in value);
    case 'color':
      return typeof value === 'string' && /^(#[0-9a-f]{6}|rgba\(.*\))$/.test(value);
    default:
      return value !== undefined;
  }
}
