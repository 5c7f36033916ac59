import { z } from 'zod';

import { reconstruction, rowOutcome } from '../jobs';
import { isRow } from '../rows';

/** Increased whenever the meaning of a results file changes. */
export const recordedFormat = 'fermata-row-1';

const count = z.int().nonnegative();

const session = z.object({
  started: z.string(),
  fromStep: count,
  commit: z.exactOptional(z.string()),
  versions: z.record(z.string(), z.string()),
  backend: z.string(),
  device: z.string(),
});

/** The results of one training of a row, kept beside the source: small, and with its provenance. */
export const recordedRow = z.object({
  format: z.literal(recordedFormat),
  row: z.string().refine(isRow, 'the row is unknown'),
  scale: z.string(),
  data: z.object({
    name: z.string().describe('name that results on these data are filed under'),
    fingerprint: z.string(),
  }),
  seed: count,
  measured: rowOutcome,
  reconstructions: z.exactOptional(z.array(reconstruction).readonly()),
  curve: z
    .array(z.object({ timesteps: count, nll: z.number() }))
    .readonly()
    .describe('NLL of batches in training, in nats, over the timesteps trained on'),
  provenance: z.object({
    run: z.string(),
    schemaVersion: count,
    seed: count,
    data: z.string(),
    started: z.string(),
    finished: z.exactOptional(z.string()),
    sessions: z.array(session).readonly(),
  }),
});
export type RecordedRow = Readonly<z.output<typeof recordedRow>>;
