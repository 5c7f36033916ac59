/** How far a long job is. Reported often; whoever listens decides how often to show it and works out the ETA. */
export interface Progress {
  /** What is being done, in a word or two: `render`, `train #1.2`. */
  readonly stage: string;
  /** Units done so far, in the same unit as `total`. */
  readonly done: number;
  readonly total: number;
  /** What is worth seeing beside the bar: `NLL 2.31`. */
  readonly detail?: string;
}

export type ProgressListener = (progress: Progress) => void;
