// Reconstructs excerpts and prints their sizes: node --require …/testing/register.js excerptsChild.ts '{"scale": …}'

import { selectBackend } from '@fermata/tensor';

import { reconstructRows, type ReconstructRowsOptions } from '../results';
import { rowNamed } from '../rows';

export interface ExcerptsChildOptions extends Pick<ReconstructRowsOptions, 'scale' | 'seed' | 'data'> {
  readonly rows: readonly string[];
}

/** The outcome. */
export interface ExcerptsDoings {
  /** Stages with progress, in the order of their beginnings. */
  readonly stages: string[];
  readonly excerpts: {
    readonly title: string;
    readonly samples: number;
    readonly reconstructions: {
      readonly row: string;
      readonly samples: number;
      readonly distance: number | null;
    }[];
  }[];
}

async function reconstruct({ rows, ...options }: ExcerptsChildOptions): Promise<void> {
  await selectBackend();
  const stages = new Set<string>();
  const excerpts = await reconstructRows({
    ...options,
    rows: rows.map(rowNamed),
    onProgress: ({ stage }) => stages.add(stage),
    onWarning: () => undefined,
    signal: new AbortController().signal,
  });
  const doings: ExcerptsDoings = {
    stages: [...stages],
    excerpts: excerpts.map(({ title, original, reconstructions }) => ({
      title,
      samples: original.length,
      reconstructions: reconstructions.map(({ row, samples, logSpectralDistance }) => ({
        row: row.id,
        samples: samples.length,
        distance: logSpectralDistance,
      })),
    })),
  };
  console.log(JSON.stringify(doings));
}

void reconstruct(JSON.parse(process.argv[2]) as ExcerptsChildOptions);
