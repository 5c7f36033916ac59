/** A measured number with its error and its footnote mark. */
export interface Measured {
  readonly value: number;
  /** Half the 95% interval or a standard error, as the caption states. Printed as `value ± error`. */
  readonly error?: number;
  /** The mark of a footnote, such as `†`. */
  readonly mark?: string;
}

/** The value of a cell: null if it does not apply (N/A in the paper), undefined if it is not known yet. */
export type Cell = string | number | boolean | Measured | null | undefined;

export interface Column {
  /** The key in rows, CSV and JSON, such as `nll_eval`. */
  readonly key: string;
  readonly title: string;
  /** The unit below the title, such as `nats` or `ms`. */
  readonly unit?: string;
  /** Digits after the decimal point. Default: those of the number, up to 4 significant digits. */
  readonly digits?: number;
  /** The common heading of neighbouring columns, such as `paper`. */
  readonly group?: string;
  /** True for numbers to compare with, such as the paper's, which are printed less prominently. */
  readonly reference?: boolean;
}

/** A table as data, to print as HTML, CSV, JSON, Markdown or text. */
export interface Table {
  /** The name of the table's files and of its link in the page, such as `table-1`. */
  readonly name: string;
  /** The title, with the scale if the numbers depend on it. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  readonly caption?: string;
  readonly footnotes?: readonly { readonly mark: string; readonly text: string }[];
}

/** Formats a cell for people: `0.734 ± 0.002†`, `N/A`, `yes`. */
export function formatCell(cell: Cell, column: Column): string {
  if (cell === undefined) return '…';
  if (cell === null) return 'N/A';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return formatNumber(cell, column.digits);
  const error = cell.error === undefined ? '' : ` ± ${formatNumber(cell.error, column.digits)}`;
  return `${formatNumber(cell.value, column.digits)}${error}${cell.mark ?? ''}`;
}

/** Returns true if all known cells of a column are numbers, which are aligned to the right. */
export function isNumeric(table: Table, column: Column): boolean {
  const cells = table.rows
    .map((row) => row[column.key])
    .filter((cell) => cell !== null && cell !== undefined);
  return cells.length > 0 && cells.every((cell) => typeof cell === 'number' || typeof cell === 'object');
}

/** Collects neighbouring columns of the same group, in order, for the first line of the heading. */
export function columnGroups(table: Table): { group: string | undefined; columns: Column[] }[] {
  const groups: { group: string | undefined; columns: Column[] }[] = [];
  for (const column of table.columns) {
    const last = groups.at(-1);
    if (last !== undefined && last.group === column.group) last.columns.push(column);
    else groups.push({ group: column.group, columns: [column] });
  }
  return groups;
}

function formatNumber(value: number, digits: number | undefined): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const significant = Math.max(4, Math.trunc(size).toString().length);
  const text = digits === undefined ? String(Number(size.toPrecision(significant))) : size.toFixed(digits);
  return (value < 0 ? '−' : '') + (size < 10000 ? text : groupThousands(text));
}

// 6144 stays unchanged, as years do; 49152 becomes 49,152.
function groupThousands(text: string): string {
  return text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));
}
