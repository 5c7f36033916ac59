import { printable } from '@fermata/core';

import { columnGroups, formatCell, isNumeric, type Cell, type Column, type Table } from './table';

/**
 * A table as comma-separated values (RFC 4180), with CRLF and with quotes where needed. Numbers are not rounded, and
 * headings are the keys of the columns. A column named `…_error` follows each column with errors. N/A and unknown cells are
 * empty. A text that a spreadsheet would compute as a formula, such as a title that begins with `=`, follows an apostrophe.
 */
export function tableToCsv(table: Table): string {
  const fields = machineColumns(table);
  const lines = [
    fields.map((field) => field.name),
    ...table.rows.map((row) => fields.map((field) => field.read(row[field.key]))),
  ];
  return lines.map((line) => `${line.map((value) => csvField(value)).join(',')}\r\n`).join('');
}

/** A table as JSON text: title, caption, columns, footnotes, and rows of unrounded values by column key. */
export function tableToJson(table: Table): string {
  return `${JSON.stringify(table, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value), 2)}\n`;
}

/** A table as plain text for a terminal, with aligned columns, groups above their columns and footnotes below. */
export function tableToText(table: Table): string {
  const cells = table.rows.map((row) =>
    table.columns.map((column) => oneLine(formatCell(row[column.key], column))),
  );
  const headings = table.columns.map(heading);
  const widths = headings.map((text, i) => Math.max(text.length, ...cells.map((row) => row[i].length)));
  widenForGroups(table, widths);
  const line = (values: readonly string[]) =>
    values
      .map((value, i) =>
        isNumeric(table, table.columns[i]) ? value.padStart(widths[i]) : value.padEnd(widths[i]),
      )
      .join('  ')
      .trimEnd();
  return [
    oneLine(table.title),
    '',
    ...groupLine(table, widths),
    line(headings),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...cells.map(line),
    ...notes(table),
    '',
  ].join('\n');
}

/** A table in GitHub's Markdown. */
export function tableToMarkdown(table: Table): string {
  const line = (values: readonly string[]) => `| ${values.map(markdownCell).join(' | ')} |`;
  const headings = table.columns.map((column) =>
    column.group === undefined ? heading(column) : `${column.group}: ${heading(column)}`,
  );
  return [
    `**${markdownCell(table.title)}**`,
    '',
    line(headings),
    `| ${table.columns.map((column) => (isNumeric(table, column) ? '---:' : '---')).join(' | ')} |`,
    ...table.rows.map((row) => line(table.columns.map((column) => formatCell(row[column.key], column)))),
    ...notes(table).map(markdownCell),
    '',
  ].join('\n');
}

interface MachineColumn {
  readonly key: string;
  readonly name: string;
  read(cell: Cell): string;
}

function machineColumns(table: Table): MachineColumn[] {
  return table.columns.flatMap((column) => {
    const { key } = column;
    const hasErrors = table.rows.some((row) => errorOf(row[key]) !== undefined);
    const values: MachineColumn = { key, name: key, read: (cell) => csvValue(valueOf(cell) ?? '') };
    const errors: MachineColumn = { key, name: `${key}_error`, read: (cell) => String(errorOf(cell) ?? '') };
    return hasErrors ? [values, errors] : [values];
  });
}

const valueOf = (cell: Cell) => (typeof cell === 'object' ? cell?.value : cell);
const errorOf = (cell: Cell) => (typeof cell === 'object' ? cell?.error : undefined);

// Spreadsheets compute a text that begins so as a formula; an apostrophe before it makes it text.
const formula = /^[=+\-@\t\r]/;

function csvValue(value: string | number | boolean): string {
  const text = String(value);
  return typeof value === 'string' && formula.test(text) ? `'${text}` : text;
}

function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function heading(column: Column): string {
  return oneLine(column.unit === undefined ? column.title : `${column.title} (${column.unit})`);
}

// The name of a group may be wider than its columns; its last column takes the difference.
function widenForGroups(table: Table, widths: number[]): void {
  let start = 0;
  for (const { group = '', columns } of columnGroups(table)) {
    const end = start + columns.length;
    const missing = group.length - groupWidth(widths.slice(start, end));
    if (missing > 0) widths[end - 1] += missing;
    start = end;
  }
}

const groupWidth = (widths: readonly number[]) =>
  widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1));

function groupLine(table: Table, widths: readonly number[]): string[] {
  const groups = columnGroups(table);
  if (groups.every(({ group }) => group === undefined)) return [];
  let start = 0;
  const names = groups.map(({ group = '', columns }) => {
    const width = groupWidth(widths.slice(start, start + columns.length));
    start += columns.length;
    const left = Math.floor((width - group.length) / 2);
    return group.padStart(left + group.length).padEnd(width);
  });
  return [names.join('  ').trimEnd()];
}

function notes(table: Table): string[] {
  const footnotes = (table.footnotes ?? []).map(({ mark, text }) => `${mark} ${text}`);
  const lines = [...(table.caption === undefined ? [] : [table.caption]), ...footnotes].map(oneLine);
  return lines.length === 0 ? [] : ['', ...lines];
}

const oneLine = (text: string) => printable(text.replace(/\s+/g, ' '));

function markdownCell(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>|]/g, (character) => `\\${character}`);
}
