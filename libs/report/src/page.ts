import type { PlotlyFigure } from './figure';
import type { Table } from './table';

/** A report as data. `renderReport` turns it into one HTML file; `writeReport` also writes tables and audio beside that. */
export interface ReportPage {
  readonly title: string;
  /** One or two sentences under the title: the models, their data and the training time. */
  readonly lead: string;
  /** The blocks at the top: warnings, the most important numbers, players. */
  readonly summary: readonly Block[];
  readonly sections: readonly Section[];
  readonly provenance: Provenance;
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A piece of a page. */
export type Block =
  /** A problem that a newcomer must know first, its meaning, and the next thing to do. A summary shows warnings on top. */
  | { readonly kind: 'warning'; readonly title: string; readonly text: string; readonly advice: string }
  /** Plain text; an empty line starts a new paragraph. */
  | { readonly kind: 'text'; readonly text: string }
  /** A remark that readers must not overlook, such as a list of skipped files. */
  | { readonly kind: 'note'; readonly tone: 'information' | 'warning'; readonly text: string }
  | { readonly kind: 'numbers'; readonly numbers: readonly HeadlineNumber[] }
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'figure'; readonly figure: PlotlyFigure }
  | { readonly kind: 'audio'; readonly title?: string; readonly clips: readonly AudioClip[] }
  /** Preformatted text, such as a config or a log. */
  | { readonly kind: 'listing'; readonly text: string }
  /** Blocks that stay folded until the reader opens them. */
  | { readonly kind: 'details'; readonly title: string; readonly blocks: readonly Block[] };

/** A number in large type. */
export interface HeadlineNumber {
  /** For example `NLL of #1.2`. */
  readonly label: string;
  /** The printed value with its unit: `2.31 nats`. */
  readonly value: string;
  /** For example `paper: 0.734`. */
  readonly note?: string;
}

export interface AudioClip {
  /** The name of the WAV file, without its ending: `reconstruction-1-2`. */
  readonly name: string;
  readonly title: string;
  /** `[time]` in [−1, 1]; the level is not changed. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
  readonly description?: string;
}

/** Everything needed to reproduce the numbers. */
export interface Provenance {
  /** The command as the user typed it. */
  readonly command: string;
  /** Undefined outside a git checkout. */
  readonly commit?: string | undefined;
  /** True if files of the checkout differed from the commit. */
  readonly modified?: boolean | undefined;
  /** Versions by name: `fermata`, `node`, `@tensorflow/tfjs-core`, … */
  readonly versions: Readonly<Record<string, string>>;
  /** For example `linux x64, 2 × AMD EPYC, 8 GB`. */
  readonly machine: string;
  /** The tfjs backend and its device. */
  readonly backend: string;
  readonly data: readonly { readonly name: string; readonly fingerprint: string }[];
  /** The run behind each row of the tables. */
  readonly runs?: readonly { readonly row: string; readonly run: string; readonly seed: number }[];
  /** ISO 8601. */
  readonly started: string;
  readonly finished: string;
}

/** All blocks of a page in order, including those inside details. */
export function allBlocks(page: ReportPage): Block[] {
  const flatten = (blocks: readonly Block[]): Block[] =>
    blocks.flatMap((block) => (block.kind === 'details' ? [block, ...flatten(block.blocks)] : [block]));
  return [...flatten(page.summary), ...page.sections.flatMap((section) => flatten(section.blocks))];
}

/** Turns any text into a name for files and links: `#1.2 VQ-VAE` becomes `1-2-vq-vae`. */
export function slug(text: string): string {
  const letters = text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase();
  return (
    letters
      .match(/[a-z0-9]+/g)
      ?.join('-')
      .slice(0, 80) ?? 'unnamed'
  );
}
