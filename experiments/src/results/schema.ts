import { z } from 'zod';

import { isRow } from '../rows';
import { recordedFormat, type RecordedRow } from './recordedRow';

const count = z.int().nonnegative();
const optional = z.exactOptional;

// Loose: whatever else a later version adds may stand there.
const codes = z.looseObject({
  perplexity: z.number(),
  oneSecondPerplexity: z.number().nullable(),
  codesInUse: count,
  histogram: z.array(count),
  shuffledNll: z.number(),
});

const measured = z.looseObject({
  row: z.string(),
  run: z.string(),
  trainNll: z.number(),
  evalNll: z.number(),
  positions: count,
  parameters: count,
  receptiveField: count,
  timesteps: count,
  seconds: z.number(),
  shuffledPastNll: optional(z.number()),
  codes: optional(codes),
});

const reconstruction = z.looseObject({
  piece: z.string(),
  title: z.string(),
  startSeconds: z.number(),
  original: z.string(),
  reconstruction: z.string(),
  logSpectralDistance: z.number().nullable(),
  loudnessDeviation: z.number().nullable(),
});

const session = z.looseObject({
  started: z.string(),
  fromStep: count,
  commit: optional(z.string()),
  versions: z.record(z.string(), z.string()),
  backend: z.string(),
  device: z.string(),
});

/** What a file of results must be: that of an older version, or one that was cut short, is none. */
export const recordedRowSchema: z.ZodType<RecordedRow> = z.looseObject({
  format: z.literal(recordedFormat),
  row: z.string().refine(isRow, 'there is no such row'),
  scale: z.string(),
  data: z.looseObject({ name: z.string(), fingerprint: z.string() }),
  seed: count,
  measured,
  reconstructions: optional(z.array(reconstruction)),
  curve: z.array(z.looseObject({ timesteps: count, nll: z.number() })),
  provenance: z.looseObject({
    run: z.string(),
    schemaVersion: count,
    seed: count,
    data: z.string(),
    started: z.string(),
    finished: optional(z.string()),
    sessions: z.array(session),
  }),
});
