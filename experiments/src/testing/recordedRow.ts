import type { CodesOutcome, RowOutcome } from '../jobs';
import type { RecordedRow } from '../results';

export interface Recorded extends Partial<Pick<RowOutcome, 'positions' | 'shuffledPastNll' | 'seconds'>> {
  readonly row: string;
  readonly seed: number;
  readonly trainNll: number;
  readonly evalNll: number;
  /** Use of codes; absent for a row without codes. */
  readonly codes?: Partial<CodesOutcome> | undefined;
  /** Distances of each reconstruction, in dB. */
  readonly distances?: readonly { readonly spectral: number | null; readonly loudness: number }[];
}

/** Makes a plausible recorded result of a training. */
export function recordedRow({ row, seed, codes, distances, ...numbers }: Recorded): RecordedRow {
  return {
    format: 'fermata-row-1',
    row,
    scale: 'small',
    data: { name: 'piano', fingerprint: 'abc' },
    seed,
    measured: {
      row,
      run: 'run',
      positions: 10,
      parameters: 5,
      receptiveField: 7,
      timesteps: 100,
      seconds: 3,
      ...numbers,
      ...(codes && {
        codes: {
          perplexity: 10,
          oneSecondPerplexity: null,
          codesInUse: 12,
          histogram: [1, 2, 3],
          shuffledNll: 4,
          ...codes,
        },
      }),
    },
    ...(distances && {
      reconstructions: distances.map(({ spectral, loudness }, index) => ({
        piece: 'piece',
        title: 'A piece',
        startSeconds: 1,
        original: `original-${index + 1}.wav`,
        reconstruction: `reconstruction-${index + 1}.wav`,
        logSpectralDistance: spectral,
        loudnessDeviation: loudness,
      })),
    }),
    curve: [{ timesteps: 10, nll: 3 }],
    provenance: { run: 'run', schemaVersion: 1, seed, data: 'abc', started: 'now', sessions: [] },
  };
}
