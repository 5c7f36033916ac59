import type { PaperResults } from './results';

// In nats per timestep. After minutes of training, a model that uses the last few samples exceeds this margin.
const margin = 0.5;

/**
 * Names the rows of audio that have hardly learnt: their eval NLL is not half a nat below the entropy of single samples
 * (r = 0 in Figure 2), which a model without any input reaches.
 *
 * @returns a line for each; none if the scale has no point at r = 0
 */
export function hardlyLearnt({ rows, profiles }: Pick<PaperResults, 'rows' | 'profiles'>): string[] {
  const waveform = profiles.find(({ sequence }) => sequence.kind === 'audio');
  const entropy = waveform?.points.find(({ receptiveField }) => receptiveField === 0)?.entropy;
  if (entropy === undefined) return [];
  return rows
    .filter(({ row, outcome }) => row.sequence.kind === 'audio' && !(outcome.evalNll <= entropy - margin))
    .map(
      ({ row, outcome }) =>
        `#${row.id} has hardly learnt: its eval NLL is ${outcome.evalNll.toFixed(3)} nats, ` +
        `and the entropy of single samples ${entropy.toFixed(3)}`,
    );
}
