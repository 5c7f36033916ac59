/** The progress of a long job. Jobs report it often; the listener decides how often to show it and computes the ETA. */
export interface Progress {
  /** The current activity in a word or two: `render`, `train #1.2`. */
  readonly stage: string;
  /** Units done so far, in the same unit as `total`. */
  readonly done: number;
  readonly total: number;
  /** A detail to show beside the bar: `NLL 2.31`. */
  readonly detail?: string;
}

export type ProgressListener = (progress: Progress) => void;
