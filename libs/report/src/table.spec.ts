import { tableHtml } from './blockHtml';
import { formatCell, type Table } from './table';
import { tableToCsv, tableToJson, tableToMarkdown, tableToText } from './tableFormats';

const table: Table = {
  name: 'table-1',
  title: 'Table 1, scale tiny',
  columns: [
    { key: 'row', title: '#' },
    { key: 'model', title: 'model' },
    { key: 'nll', title: 'NLL', unit: 'nats', digits: 3, group: 'here' },
    { key: 'nll_paper', title: 'NLL', digits: 3, group: 'paper', reference: true },
  ],
  rows: [
    { row: '1.1', model: 'WaveNet, "large"', nll: { value: 3.48816, error: 0.0123 }, nll_paper: 1.151 },
    { row: '1.7', model: 'VQ-VAE | 64\nlines', nll: { value: -0.5, mark: '†' }, nll_paper: null },
  ],
  caption: 'Nats per timestep.',
  footnotes: [{ mark: '†', text: 'short' }],
};

test('CSV quotes as RFC 4180 says and keeps every digit', () => {
  expect(tableToCsv(table)).toBe(
    'row,model,nll,nll_error,nll_paper\r\n' +
      '1.1,"WaveNet, ""large""",3.48816,0.0123,1.151\r\n' +
      '1.7,"VQ-VAE | 64\nlines",-0.5,,\r\n',
  );
});

test('CSV holds no formulas, and numbers stay numbers', () => {
  const cells = ['=1+1', '+1', '-1', '@A1', '\t=1', '5-1', 'a=b'];
  const rows = [
    ...cells.map((text) => ({ row: text, model: true, nll: -0.5 })),
    { row: '=HYPERLINK("x,y")' },
  ];
  const columns = table.columns.slice(0, 3);
  expect(
    tableToCsv({ ...table, columns, rows })
      .split('\r\n')
      .slice(1, -1),
  ).toEqual([
    ...["'=1+1", "'+1", "'-1", "'@A1", "'\t=1", '5-1', 'a=b'].map((text) => `${text},true,-0.5`),
    `"'=HYPERLINK(""x,y"")",,`,
  ]);
});

test('text of a table obeys no escape sequence', () => {
  const names = tableToText({ ...table, title: 'a\u001b[2J', rows: [{ row: 'x\u202ey\u009bz' }] });
  expect(names).toContain('a\\u001b[2J');
  expect(names).toContain('x\\u202ey\\u009bz');
});

test('JSON gives the rows back, and says what JSON has no number for', () => {
  expect(JSON.parse(tableToJson(table))).toEqual(table);
  const infinite = { ...table, rows: [{ row: '1.1', nll: Infinity }] };
  expect(JSON.parse(tableToJson(infinite))).toMatchObject({ rows: [{ row: '1.1', nll: 'Infinity' }] });
});

test('text is aligned, numbers to the right, groups over their columns', () => {
  expect(tableToText(table).split('\n')).toEqual([
    'Table 1, scale tiny',
    '',
    '                            here       paper',
    '#    model                 NLL (nats)    NLL',
    '───  ─────────────────  ─────────────  ─────',
    '1.1  WaveNet, "large"   3.488 ± 0.012  1.151',
    '1.7  VQ-VAE | 64 lines        −0.500†    N/A',
    '',
    'Nats per timestep.',
    '† short',
    '',
  ]);
});

test('Markdown keeps cells in their place', () => {
  const lines = tableToMarkdown(table).split('\n');
  expect(lines[2]).toBe('| # | model | here: NLL (nats) | paper: NLL |');
  expect(lines[3]).toBe('| --- | --- | ---: | ---: |');
  expect(lines[5]).toBe('| 1.7 | VQ-VAE \\| 64 lines | −0.500† | N/A |');
});

test('HTML has groups over their columns, units, and numbers and references marked as such', () => {
  const [row, model, nll, paper] = table.columns;
  const text = tableHtml({
    ...table,
    columns: [row, model, nll, { key: 'time', title: 'time', unit: 'ms', group: 'here' }, paper],
    rows: [{ ...table.rows[0], time: 5 }],
  }).toString();
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, ...groups]) => groups);
  expect(found(/colspan="(\d+)">([^<]*)</g)).toEqual([['2', ''], ['2', 'here'], ['1', 'paper']]); // prettier-ignore
  expect(found(/<span class="unit">([^<]*)</g)).toEqual([['nats'], ['ms']]);
  expect(found(/<td class="([^"]*)">([^<]*)</g)).toEqual([
    ['', '1.1'],
    ['', 'WaveNet, &quot;large&quot;'],
    ['number', '3.488 ± 0.012'],
    ['number', '5'],
    ['number reference', '1.151'],
  ]);
});

test.each([
  [undefined, '…'],
  [null, 'N/A'],
  [true, 'yes'],
  [0.73456, '0.7346'],
  [6144, '6144'],
  [49152, '49,152'],
  [123456.7, '123,457'],
  [-2, '−2'],
  [-9999, '−9999'],
  [NaN, 'not a number'],
  [-Infinity, '−∞'],
  [{ value: 2, error: 0.5, mark: '*' }, '2 ± 0.5*'],
])('%p is printed as %p', (cell, text) => {
  expect(formatCell(cell, { key: 'x', title: 'x' })).toBe(text);
});
