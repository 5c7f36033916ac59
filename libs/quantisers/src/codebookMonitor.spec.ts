import { normals, randomKey } from '@fermata/core';

import { CodebookMonitor, type CodebookObservation } from './codebookMonitor';

/** A perplexity and a number of dead codes. */
type Measured = readonly [perplexity: number, deadCodes: number];

const observationsOf = (values: readonly Measured[]): CodebookObservation[] =>
  values.map(([perplexity, deadCodes], index) => ({ step: index + 1, metrics: { perplexity, deadCodes } }));

/** The warnings about steps after a history. Batches of 1024 from 256 codes: windows of 16 steps, a warm-up of 64. */
function warningsOf(
  observations: readonly CodebookObservation[],
  history: CodebookObservation[] = [],
): string[] {
  const warnings: string[] = [];
  const monitor = new CodebookMonitor({
    codebookSize: 256,
    positions: 1024,
    history,
    onWarning: (message) => warnings.push(message),
  });
  for (const observation of observations) monitor.observe(observation);
  return warnings;
}

const repeat = (count: number, ...values: Measured[]): Measured[] =>
  new Array(count).fill(values).flat() as Measured[];
/** `steps` measurements on the way from one to another. */
const ramp = (steps: number, from: Measured, to: Measured): Measured[] =>
  Array.from({ length: steps }, (_, index) => {
    const share = (index + 1) / steps;
    return [from[0] + share * (to[0] - from[0]), Math.round(from[1] + share * (to[1] - from[1]))];
  });

const well: Measured = [200, 0];
const collapsed: Measured = [20, 170];
const collapse = observationsOf([
  ...repeat(100, well),
  ...ramp(50, well, collapsed),
  ...repeat(100, collapsed),
]);

describe('CodebookMonitor', () => {
  it('warns once of a collapse, with its numbers and remedies', () => {
    expect(warningsOf(collapse)).toEqual([
      'The codebook has collapsed: at step 142 the perplexity of the codes is 48.8, down from 200.0 at step 1, and ' +
        '143 of 256 codes are dead. Lower the learning rate, restart unused codes (quantiser.restartBelow), or train ' +
        'an AMAE (rows #1.4 and #1.5); in an AMAE raise quantiser.diversity.nu.',
    ]);
  });

  it('warns once of a training that goes up and down, and again after a higher peak', () => {
    const wave = [...ramp(30, collapsed, [190, 0]), ...ramp(30, [190, 0], collapsed)];
    const values = [...repeat(100, well), ...repeat(16, ...wave)];
    expect(warningsOf(observationsOf(values))).toHaveLength(1);
    expect(warningsOf(observationsOf([...values, [220, 0], collapsed]))).toHaveLength(2);
  });

  it('does not warn of noise, nor of a lasting partial fall', () => {
    const noise = [...normals(randomKey('noise'), 2000)].map((x): Measured => [150 * Math.exp(0.2 * x), 3]);
    expect(warningsOf(observationsOf(noise))).toEqual([]);
    // #1.2 at scale smoke.
    const fall = [...ramp(96, [218, 0], [78, 59]), ...ramp(200, [78, 59], [112, 87])];
    expect(warningsOf(observationsOf(fall))).toEqual([]);
  });

  it('does not warn while no code is dead', () => {
    expect(warningsOf(observationsOf([...repeat(100, well), ...repeat(100, [20, 0])]))).toEqual([]);
  });

  it('does not warn in the first steps, but after them of a codebook that stays collapsed', () => {
    const first = [well, ...repeat(63, collapsed)];
    expect(warningsOf(observationsOf([...first, ...repeat(100, [120, 3])]))).toEqual([]);
    expect(warningsOf(observationsOf([...first, collapsed]))).toEqual([
      expect.stringContaining('at step 65'),
    ]);
  });

  it('does not warn of an AMAE whose first codes are few', () => {
    // #1.4 at scale tiny.
    const rise = [...ramp(48, [17, 202], [135, 12]), ...ramp(400, [135, 12], [82, 50])];
    expect(warningsOf(observationsOf(rise))).toEqual([]);
  });

  it('does not repeat a warning in a run that resumes, even from a checkpoint before the collapse', () => {
    expect(warningsOf(collapse.slice(200), collapse.slice(0, 200))).toEqual([]);
    expect(warningsOf(collapse.slice(120), collapse.slice(0, 200))).toEqual([]);
    expect(warningsOf(collapse.slice(120), collapse.slice(0, 120))).toHaveLength(1);
  });

  it('ignores a model without codes', () => {
    expect(warningsOf([{ step: 100, metrics: { nll: 5 } }])).toEqual([]);
  });
});
