import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { learningCurves } from './figures/learningCurves';
import { slug, type Block, type ReportPage } from './page';
import { renderReport } from './reportHtml';
import { writeReport } from './writeReport';

const hostile = `</script><script>alert('x')</script>"><img src=x onerror=alert(1)>.wav`;
const samples = Float32Array.from({ length: 1600 }, (_, t) => 0.5 * Math.sin(t / 10));

const blocks: Block[] = [
  { kind: 'text', text: `${hostile}\n\nsecond` },
  { kind: 'note', tone: 'warning', text: hostile },
  { kind: 'numbers', numbers: [{ label: hostile, value: hostile, note: hostile }] },
  {
    kind: 'table',
    table: {
      name: 'table-1',
      title: hostile,
      columns: [{ key: 'a', title: hostile, unit: hostile, group: hostile }],
      rows: [{ a: hostile }],
      caption: hostile,
      footnotes: [{ mark: '*', text: hostile }],
    },
  },
  {
    kind: 'figure',
    figure: learningCurves([{ name: hostile, timesteps: [1, 2], nll: [3, 2] }], {
      title: hostile,
      subtitle: hostile,
    }),
  },
  {
    kind: 'audio',
    title: hostile,
    clips: [{ name: 'clip', title: hostile, description: hostile, samples, sampleRate: 16000 }],
  },
  { kind: 'listing', text: hostile },
];

const warning: Block = { kind: 'warning', title: hostile, text: hostile, advice: hostile };

const page: ReportPage = {
  title: hostile,
  lead: hostile,
  summary: [...blocks.slice(0, 3), warning],
  sections: [
    {
      title: hostile,
      blocks: [...blocks.slice(3, 6), { kind: 'details', title: hostile, blocks: blocks.slice(6) }],
    },
  ],
  provenance: {
    command: hostile,
    commit: hostile,
    modified: true,
    versions: { [hostile]: hostile },
    machine: hostile,
    backend: hostile,
    data: [{ name: hostile, fingerprint: hostile }],
    runs: [{ row: hostile, run: hostile, seed: 1 }],
    started: '2018-06-26T10:00:00Z',
    finished: '2018-06-26T10:09:30Z',
  },
};

// The markup of a page without the contents of scripts and styles.
const markup = (text: string) => text.replace(/<(script|style)([^>]*)>.*?<\/\1>/gs, '<$1$2></$1>');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a hostile name stays text everywhere', () => {
  const text = renderReport(page);
  expect(text).not.toContain('<script>alert');
  expect(text).not.toContain('<img');
  expect(markup(text).match(/<script/g)).toHaveLength(4); // plotly.js, drawing, players, one figure's data
  expect(markup(text)).not.toMatch(/ on[a-z]+="/);
});

test('headings begin with one h1 and never skip a level', () => {
  const untitled: Block = {
    kind: 'audio',
    clips: [{ name: 'bare', title: 'bare', samples, sampleRate: 8000 }],
  };
  const every = [...blocks, warning, untitled, { kind: 'details', title: 'more', blocks }] as const;
  for (const summary of [[...every], [], ...every.map((block) => [block])]) {
    const text = markup(renderReport({ ...page, summary, sections: [{ title: 'Section', blocks: every }] }));
    const levels = [...text.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toEqual([levels[0]]);
    const skips = levels.filter((level, index) => index > 0 && level > levels[index - 1] + 1);
    expect(skips).toEqual([]);
  }
});

test('warnings stand on top of the summary, whatever comes before them there', () => {
  const block: Block = { kind: 'warning', title: 'Noise', text: 'Why.\n\nMore.', advice: 'Train longer.' };
  const text = markup(renderReport({ ...page, summary: [...blocks, block] }));
  const summary = text.slice(text.indexOf('<section id="summary">'));
  expect(summary).toMatch(
    /^<section id="summary">\s*<h2 class="unseen">Summary<\/h2>\s*<div class="block warning-box" role="note" aria-label="Warning: Noise">/,
  );
  expect(summary).toMatch(
    /Noise<\/h3>\s*<p>Why.<\/p><p>More.<\/p>\s*<p><strong>What to do:<\/strong> Train longer.<\/p>/,
  );
});

test('everything that scrolls sideways takes the focus and has a name', () => {
  const text = renderReport({ ...page, summary: [blocks[3], blocks[6]], sections: [] });
  const regions = [...text.matchAll(/<(?:div\s+class="scroll"|pre\s+class="block")([^>]*)>/g)];
  expect(regions).toHaveLength(3); // the table, the listing, the runs
  for (const [, attributes] of regions) {
    expect(attributes).toMatch(/role="region"\s+aria-label="[^"]+"\s+tabindex="0"/);
  }
});

test('a figure has a button that saves it as PNG', () => {
  const figure = learningCurves([{ name: 'a', timesteps: [1, 2], nll: [3, 2] }], { title: 'Curves, "a"' });
  const text = renderReport({ ...page, summary: [{ kind: 'figure', figure }], sections: [] });
  const [button] = /<button[^>]*>\s*PNG\s*<\/button>/.exec(text) ?? [''];
  expect(button).toContain('data-png="figure-1"');
  expect(button).toContain('data-file="curves-a"');
  expect(button).toContain('aria-label="Save as PNG: Curves, &quot;a&quot;"');
});

test("a figure's data come through unchanged", () => {
  const json =
    /<script type="application\/json" id="figure-1">(.*?)<\/script>/s.exec(renderReport(page))?.[1] ?? '';
  const { data } = JSON.parse(json) as { data: { legendgroup: string; name: string }[] };
  expect(data[0].legendgroup).toBe(hostile);
  expect(data[0].name).not.toContain('<'); // plotly.js reads markup in labels
});

test('the page asks nothing of any network or file', () => {
  const text = markup(renderReport(page));
  const addresses = [...text.matchAll(/ (?:src|href|action|poster|srcset|data)="([^"]*)"/g)].map(
    ([, address]) => address,
  );
  expect(addresses.length).toBeGreaterThan(4);
  expect(addresses.filter((address) => !/^(#|data:)/.test(address))).toEqual([]);
  expect(/<style>.*?<\/style>/s.exec(renderReport(page))?.[0]).not.toMatch(/@import|url\(/);
  expect(text).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;/);
});

test('only the scripts whose hashes the policy names are there', async () => {
  const { createHash } = await import('node:crypto');
  const text = renderReport(page);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? '';
  const scripts = [...text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script]) => script);
  expect(scripts).toHaveLength(3);
  for (const script of scripts) {
    expect(policy).toContain(createHash('sha256').update(script).digest('base64'));
  }
  expect(policy).toMatch(/script-src (&#39;sha256-[\w+/=]+&#39; ?)+;/);
});

test('a page without figures does not carry plotly.js', () => {
  const text = renderReport({ ...page, summary: [], sections: [] });
  expect(text.length).toBeLessThan(30_000);
  expect(text).toContain('9 min 30 s later');
});

test('each run is named with its row and seed', () => {
  const provenance = { ...page.provenance, runs: [{ row: '#1.2', run: 'abc', seed: 7 }] };
  expect(renderReport({ ...page, provenance })).toMatch(
    /<td>#1.2<\/td>\s*<td><code>abc<\/code><\/td>\s*<td class="number">7<\/td>/,
  );
});

test('players carry 16-bit WAV of the rate of the clip, and at most their first 20 seconds', () => {
  const long = { name: 'long', title: 'long', samples: new Float32Array(30 * 8000), sampleRate: 8000 };
  const text = renderReport({ ...page, summary: [{ kind: 'audio', clips: [long] }], sections: [] });
  const wav = Buffer.from(/src="data:audio\/wav;base64,([^"]*)"/.exec(text)?.[1] ?? '', 'base64');
  expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
  expect(wav.readUInt16LE(34)).toBe(16);
  expect(wav.readUInt32LE(24)).toBe(8000);
  expect(wav.length).toBe(72 + 2 * 20 * 8000);
  expect(text).toContain('The first 20 s; <a href="audio/long.wav">');
});

test('a player shows the waveform at its own level', () => {
  const clip = { name: 'clip', title: 'clip', samples: Float32Array.of(0.5, -0.25), sampleRate: 8000 };
  const text = renderReport({ ...page, summary: [{ kind: 'audio', clips: [clip] }], sections: [] });
  // A full scale is 50 up and down, and up is negative.
  expect(text).toContain('d="M250 -25.0L750 12.5L750 12.5L250 -25.0Z"');
});

test('tables and audio lie beside the page', () => {
  const { index, files } = writeReport(folder, page);
  expect(files.at(-1)).toBe(index);
  expect(readdirSync(join(folder, 'tables')).sort()).toEqual(['table-1.csv', 'table-1.json']);
  expect(readdirSync(join(folder, 'audio'))).toEqual(['clip.wav']);
  expect(readFileSync(index, 'utf8')).toBe(renderReport(page));
  const wav = readFileSync(join(folder, 'audio', 'clip.wav'));
  expect(wav).toHaveLength(72 + 2 * samples.length);
  expect(wav.readUInt32LE(24)).toBe(16000);
});

test('names that are no file names, and names given twice, are refused', () => {
  const table = { name: '../escape', title: '', columns: [], rows: [] };
  expect(() => writeReport(folder, { ...page, summary: [{ kind: 'table', table }] })).toThrow("'../escape'");
  const twice = { ...page, summary: [blocks[3], blocks[3]], sections: [] };
  expect(() => writeReport(folder, twice)).toThrow("named 'table-1'");
});

test('a folder that cannot be made is a user error', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => writeReport(join(folder, 'file', 'report'), page)).toThrow('Check the spelling of the path.');
});

test.each([
  ['#1.2 VQ-VAE', '1-2-vq-vae'],
  ['Été/../x', 'ete-x'],
  ['…', 'unnamed'],
])('slug of %p is %p', (text, expected) => {
  expect(slug(text)).toBe(expected);
});
