/** A measured number with what surrounds it in print. */
export interface Measured {
  readonly value: number;
  /** Printed as `value ± error`: half the 95% interval or a standard error; the caption says which. */
  readonly error?: number;
  /** A footnote's mark, such as `†`. */
  readonly mark?: string;
}

/** What a cell holds: null where there is nothing to say (N/A in the paper), undefined where it is not known yet. */
export type Cell = string | number | boolean | Measured | null | undefined;

export interface Column {
  /** The key in rows, CSV and JSON: `nll_eval`. */
  readonly key: string;
  readonly title: string;
  /** `nats`, `ms`: stands below the title. */
  readonly unit?: string;
  /** Digits after the decimal point. Default: as many as the number has, up to 4 significant ones. */
  readonly digits?: number;
  /** Neighbouring columns of one group stand under a common heading: `Fermata, tiny`, `paper`. */
  readonly group?: string;
  /** Numbers to compare with, such as the paper's: set quieter. */
  readonly reference?: boolean;
}

/** A table as data: everything that prints it, in HTML, CSV, JSON, Markdown or text, starts from this. */
export interface Table {
  /** The name of its files, and of its place in the page: `table-1`. */
  readonly name: string;
  /** Says the scale, where numbers depend on it. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  readonly caption?: string;
  readonly footnotes?: readonly { readonly mark: string; readonly text: string }[];
}

/** A cell as people read it: `0.734 ± 0.002†`, `N/A`, `yes`. */
export function formatCell(cell: Cell, column: Column): string {
  if (cell === undefined) return '…';
  if (cell === null) return 'N/A';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return formatNumber(cell, column.digits);
  const error = cell.error === undefined ? '' : ` ± ${formatNumber(cell.error, column.digits)}`;
  return `${formatNumber(cell.value, column.digits)}${error}${cell.mark ?? ''}`;
}

/** True where a column's cells are numbers, which stand right. */
export function isNumeric(table: Table, column: Column): boolean {
  const cells = table.rows
    .map((row) => row[column.key])
    .filter((cell) => cell !== null && cell !== undefined);
  return cells.length > 0 && cells.every((cell) => typeof cell === 'number' || typeof cell === 'object');
}

/** Neighbouring columns of the same group, in order: the first line of a heading. */
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

// 6144 stays as it is, as years do; 49152 becomes 49,152.
function groupThousands(text: string): string {
  return text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));
}
