import type { PaperResults } from './results';

// In nats per timestep: trained for minutes, a model that hears the last few samples is further away.
const margin = 0.5;

/**
 * Says of each row of audio that it has hardly learnt: of those whose eval NLL is not at least half a nat under the entropy
 * of single samples (r = 0 in Figure 2), which is about what a model knows that hears nothing.
 *
 * @returns a line for each; none where the scale has no point at r = 0
 */
export function hardlyLearnt({ rows, profiles }: Pick<PaperResults, 'rows' | 'profiles'>): string[] {
  const waveform = profiles.find(({ sequence }) => sequence === 'waveform');
  const entropy = waveform?.points.find(({ receptiveField }) => receptiveField === 0)?.entropy;
  if (entropy === undefined) return [];
  return rows
    .filter(({ row, outcome }) => row.sequence === 'audio' && !(outcome.evalNll <= entropy - margin))
    .map(
      ({ row, outcome }) =>
        `#${row.id} has hardly learnt: its eval NLL is ${outcome.evalNll.toFixed(3)} nats, ` +
        `and the entropy of single samples ${entropy.toFixed(3)}`,
    );
}
