import type { PlotlyFigure } from './figure';
import type { Table } from './table';

/** A report as data: `renderReport` makes it one HTML file, `writeReport` puts tables and audio beside that. */
export interface ReportPage {
  readonly title: string;
  /** What was trained, on what, how long: one or two sentences under the title. */
  readonly lead: string;
  /** What a reader wants first: the numbers and the players. */
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
  /** What a newcomer must read first: the problem, what it means, what to do next. A summary shows its warnings on top. */
  | { readonly kind: 'warning'; readonly title: string; readonly text: string; readonly advice: string }
  /** Plain text; an empty line starts a new paragraph. */
  | { readonly kind: 'text'; readonly text: string }
  /** A remark that must not be overlooked: what was skipped, what a number does not say. */
  | { readonly kind: 'note'; readonly tone: 'information' | 'warning'; readonly text: string }
  | { readonly kind: 'numbers'; readonly numbers: readonly HeadlineNumber[] }
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'figure'; readonly figure: PlotlyFigure }
  | { readonly kind: 'audio'; readonly title?: string; readonly clips: readonly AudioClip[] }
  /** Text as a program wrote it: a config, a log. */
  | { readonly kind: 'listing'; readonly text: string }
  /** Closed until the reader opens it. */
  | { readonly kind: 'details'; readonly title: string; readonly blocks: readonly Block[] };

/** A number large enough to be read from across the room. */
export interface HeadlineNumber {
  /** `NLL of #1.2`. */
  readonly label: string;
  /** As it is printed, with its unit: `2.31 nats`. */
  readonly value: string;
  /** `paper: 0.734`. */
  readonly note?: string;
}

export interface AudioClip {
  /** The name of its WAV file: `reconstruction-1-2`. */
  readonly name: string;
  readonly title: string;
  /** `[time]` in [−1, 1], played at the level it has. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
  readonly description?: string;
}

/** What it takes to get the same numbers again. */
export interface Provenance {
  /** As the user typed it. */
  readonly command: string;
  /** Undefined outside a git checkout. */
  readonly commit?: string | undefined;
  /** True when files of the checkout differed from the commit. */
  readonly modified?: boolean | undefined;
  /** `fermata`, `node`, `@tensorflow/tfjs-core`, … */
  readonly versions: Readonly<Record<string, string>>;
  /** `linux x64, 2 × AMD EPYC, 8 GB`. */
  readonly machine: string;
  /** The tfjs backend and its device. */
  readonly backend: string;
  readonly data: readonly { readonly name: string; readonly fingerprint: string }[];
  /** Each row of the tables, and the run it rests on. */
  readonly runs?: readonly { readonly row: string; readonly run: string; readonly seed: number }[];
  /** ISO 8601. */
  readonly started: string;
  readonly finished: string;
}

/** Every block of a page, those within details too, in order. */
export function allBlocks(page: ReportPage): Block[] {
  const flatten = (blocks: readonly Block[]): Block[] =>
    blocks.flatMap((block) => (block.kind === 'details' ? [block, ...flatten(block.blocks)] : [block]));
  return [...flatten(page.summary), ...page.sections.flatMap((section) => flatten(section.blocks))];
}

/** A name for files and links from any text: `#1.2 VQ-VAE` gives `1-2-vq-vae`. */
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
