import type { Provenance } from '@fermata/training';

import type { Reconstruction } from '../jobs/reconstructExcerpts';
import type { RowOutcome } from '../jobs/trainRow';

/** Changes whenever the meaning of a file of results does. */
export const recordedFormat = 'fermata-row-1';

/** What one training of a row came to, as it is kept beside the source: small, and with where it comes from. */
export interface RecordedRow {
  readonly format: typeof recordedFormat;
  readonly row: string;
  readonly scale: string;
  readonly data: {
    /** What results on these data are filed under. */
    readonly name: string;
    readonly fingerprint: string;
  };
  readonly seed: number;
  readonly measured: RowOutcome;
  /** Of an autoencoder. */
  readonly reconstructions?: readonly Reconstruction[];
  /** The NLL of batches in training, in nats, over the timesteps trained on. */
  readonly curve: readonly { readonly timesteps: number; readonly nll: number }[];
  readonly provenance: Provenance;
}
