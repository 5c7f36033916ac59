import { expectClose } from '@fermata/testing';

import type { RecordedRow } from '../results';
import { recordedRow } from '../testing/recordedRow';
import { assessClaims } from './assess';
import { comparisonLabel, paperDifference } from './claim';
import { claims } from './claims';
import { verdictsTable } from './describe';
import { claimsFigures } from './figures';

interface Numbers {
  readonly trainNll: number;
  readonly evalNll: number;
  readonly perplexity?: number;
  /** Distance in dB, invented. */
  readonly spectral?: number;
  readonly loudness?: number;
  readonly shuffledPastNll?: number;
}

const row12 = { trainNll: 0.766, evalNll: 0.734, perplexity: 227.3, spectral: 9, loudness: 1 };
const row14 = { trainNll: 0.786, evalNll: 0.759, perplexity: 228.9, spectral: 11, loudness: 2.5 };

// Table 1; rows with findings but no numbers in the paper have invented numbers to match.
const paper: Readonly<Record<string, Numbers>> = {
  '1.1': { trainNll: 1.192, evalNll: 1.151 },
  '1.2': { ...row12, shuffledPastNll: 4 },
  '1.3': { trainNll: 0.711, evalNll: 0.682, perplexity: 199.6, spectral: 10, loudness: 1.2 },
  '1.4': row14,
  '1.5': { trainNll: 0.721, evalNll: 0.695, perplexity: 225.6, spectral: 11, loudness: 2 },
  '1.6': { trainNll: 0.833, evalNll: 0.806, perplexity: 183.2, spectral: 13, loudness: 3 },
  '1.7': { trainNll: 1.203, evalNll: 1.172, perplexity: 84.04, spectral: 14, loudness: 2 },
  '1.2-one-hot-decoder': { ...row12, evalNll: 0.731 },
  '1.2-early-downsampling': { ...row12, spectral: 9.5 },
  '1.2-continuous': { trainNll: 0.3, evalNll: 0.29, shuffledPastNll: 0.6 },
  '1.4-commitment': { ...row14, evalNll: 0.755 },
};

type Change = (value: number, row: string) => number;

/** The paper's rows with three seeds: each seed shifts all rows together, and each row a little by itself. */
function recorded(change: Change = (value) => value, seeds = [1, 2, 3]): RecordedRow[] {
  return Object.entries(paper).flatMap(([row, numbers], index) =>
    seeds.map((seed): RecordedRow => {
      const noise = 0.03 * seed + 0.0002 * ((seed * (index + 3)) % 4);
      const at = (value = 0) => change(value + noise, row);
      // The gap between train and eval is nearly the same for all seeds.
      const trainNll = at(numbers.trainNll + 0.0001 * seed);
      const { perplexity, spectral, loudness, shuffledPastNll } = numbers;
      return recordedRow({
        row,
        seed,
        trainNll,
        evalNll: at(numbers.evalNll),
        ...(perplexity !== undefined && { codes: { perplexity: at(perplexity) } }),
        ...(shuffledPastNll !== undefined && { shuffledPastNll: at(shuffledPastNll) }),
        ...(spectral !== undefined && {
          distances: [-0.5, 0.5].map((aside) => ({
            spectral: at(spectral + aside),
            loudness: at((loudness ?? 0) + aside),
          })),
        }),
      });
    }),
  );
}

const verdicts = (rows: readonly RecordedRow[]) =>
  Object.fromEntries(assessClaims(rows).map(({ claim, verdict }) => [claim.id, verdict]));
const all = (verdict: string) => Object.fromEntries(claims.map(({ id }) => [id, verdict]));

describe('the claims', () => {
  it('are numbered from 1 to 14, with rows that can be told apart', () => {
    expect(claims.map(({ id }) => id)).toEqual(Array.from({ length: 14 }, (_, i) => i + 1));
    const named = claims.flatMap(({ comparisons }) =>
      comparisons.flatMap(({ first, second }) => [first, second]),
    );
    expect([...new Set(named.map(({ row }) => row))].sort()).toEqual(Object.keys(paper).sort());
  });

  // Comparisons of each claim, with the paper's difference if it prints both numbers.
  it.each<[id: number, comparisons: Record<string, number | undefined>]>([
    [1, { '#1.2 < #1.1': -0.417, '#1.3 < #1.1': -0.469, '#1.4 < #1.1': -0.392, '#1.5 < #1.1': -0.456 }],
    [2, { '#1.3 < #1.2': -0.052, '#1.5 < #1.4': -0.064 }],
    [3, { '#1.3 < #1.2': -27.7 }],
    [4, { '#1.4 > #1.2': 0.025, '#1.5 > #1.3': 0.013 }],
    [5, { '#1.5 > #1.3': 26 }],
    [6, { '#1.6 > #1.5': 0.111, '#1.6 < #1.5': -42.4 }],
    [7, { '#1.7 ≈ #1.1 (±0.05)': 0.021 }],
    [
      8,
      {
        '#1.1 eval NLL ≈ #1.1 train NLL (±0.1)': -0.041,
        '#1.2 eval NLL ≈ #1.2 train NLL (±0.1)': -0.032,
        '#1.3 eval NLL ≈ #1.3 train NLL (±0.1)': -0.029,
        '#1.4 eval NLL ≈ #1.4 train NLL (±0.1)': -0.027,
        '#1.5 eval NLL ≈ #1.5 train NLL (±0.1)': -0.026,
        '#1.6 eval NLL ≈ #1.6 train NLL (±0.1)': -0.027,
        '#1.7 eval NLL ≈ #1.7 train NLL (±0.1)': -0.031,
      },
    ],
    [9, { '#1.2 < #1.3': undefined }],
    [10, { '#1.4 > #1.2': undefined }],
    [11, { '#1.3 < #1.2-one-hot-decoder': undefined, '#1.2-one-hot-decoder ≈ #1.2 (±0.025)': undefined }],
    [12, { '#1.4-commitment ≈ #1.4 (±0.025)': undefined }],
    [13, { '#1.2 < #1.2-early-downsampling': undefined }],
    [14, { '#1.2-continuous < #1.2': undefined }],
  ])('make the comparisons of the paper, with its differences: claim %i', (id, comparisons) => {
    const found = claims[id - 1].comparisons.map((one) => [comparisonLabel(one), paperDifference(one)]);
    expect(found).toEqual(Object.entries(comparisons));
  });

  it("are all reproduced by the paper's own numbers", () => {
    expect(verdicts(recorded())).toEqual(all('reproduced'));
  });

  it('are all contradicted by differences of the other sign that are ten times as large', () => {
    // Without their premises, claims 5 and 9 stay undecided.
    expect(verdicts(recorded((value) => -10 * value))).toEqual({
      ...all('contradicted'),
      5: 'undecided',
      9: 'undecided',
    });
  });

  it('are undecided if rows differ no more than seeds do', () => {
    const ids = Object.keys(paper);
    const wild = recorded().map((row) => {
      const { measured, seed } = row;
      const evalNll = measured.evalNll + 5 * ((seed * (1 + ids.indexOf(row.row))) % 11);
      return { ...row, measured: { ...measured, evalNll } };
    });
    const decided = claims.map(({ id }) => id).filter((id) => verdicts(wild)[id] !== 'undecided');
    // The claims on perplexities and sound, except claim 9, which has an NLL as its premise.
    expect(decided).toEqual([3, 5, 10, 13]);
  });
});

describe('assessClaims', () => {
  const claim = (id: number, rows: readonly RecordedRow[]) => assessClaims(rows)[id - 1];

  it('shows each side, the difference and its interval', () => {
    const [{ first, second, difference, reason }] = claim(3, recorded()).comparisons;
    expect(first!.mean).toBeCloseTo(199.66, 2);
    expect(second!.mean).toBeCloseTo(227.36, 2);
    expect(difference!.mean).toBeCloseTo(-27.7, 3);
    expect(difference!.error).toBeLessThan(0.001);
    expect(difference!.seeds).toEqual([1, 2, 3]);
    expect(reason).toBe('the whole interval is below 0');
  });

  it('takes the mean over excerpts', () => {
    const [{ first }] = claim(10, recorded()).comparisons;
    expect(first!.mean).toBeCloseTo(2.56, 2);
  });

  it('decides nothing from one seed', () => {
    const rows = recorded(undefined, [1]);
    expect(verdicts(rows)).toEqual(all('undecided'));
    expect(claim(3, rows).reason).toBe('#1.3 < #1.2: one seed: nothing is known of the spread over seeds');
  });

  it('names missing measurements', () => {
    expect(verdicts([])).toEqual(all('undecided'));
    const rows = recorded().filter(({ row }) => row !== '1.6' && row !== '1.2-continuous');
    expect(claim(6, rows)).toMatchObject({
      verdict: 'undecided',
      reason: '#1.6 > #1.5, #1.6 < #1.5: not measured: #1.6',
    });
    expect(claim(14, rows).reason).toBe('#1.2-continuous < #1.2: not measured: #1.2-continuous');
    expect(claim(14, rows).comparisons[0]).not.toHaveProperty('first');
    const silent = recorded().map((row) => (row.row === '1.2' ? { ...row, reconstructions: [] } : row));
    expect(claim(9, silent).reason).toBe('#1.2 < #1.3: not measured: log-spectral distance of #1.2');
  });

  it('gives a shared reason once', () => {
    expect(claim(2, recorded()).reason).toBe('#1.3 < #1.2, #1.5 < #1.4: the whole interval is below 0');
  });

  it('is contradicted by one comparison, even if others are missing', () => {
    const rows = recorded((value, row) => (row === '1.2' ? value + 1 : value)).filter(
      ({ row }) => row !== '1.3',
    );
    expect(claim(1, rows).verdict).toBe('contradicted');
  });

  it('is undecided if a premise does not hold', () => {
    const kept = recorded((value, row) => (row === '1.3' && value > 100 ? value + 40 : value));
    expect(claim(5, recorded())).toMatchObject({
      verdict: 'reproduced',
      premises: [{ verdict: 'reproduced' }],
    });
    expect(claim(5, kept)).toMatchObject({
      verdict: 'undecided',
      reason: 'a premise is not reproduced: #1.3 < #1.2: the whole interval is above 0',
      premises: [{ verdict: 'contradicted' }],
    });
  });

  it('does not compare measurements on different data, timesteps or excerpts', () => {
    const other = recorded().map((row) =>
      row.row === '1.3' ? { ...row, data: { ...row.data, fingerprint: 'def' } } : row,
    );
    expect(claim(3, other)).toMatchObject({
      verdict: 'undecided',
      reason: '#1.3 < #1.2: the rows were trained on different data',
    });
    const longer = recorded().map((row) =>
      row.row === '1.3' ? { ...row, measured: { ...row.measured, positions: 11 } } : row,
    );
    expect(claim(2, longer)).toMatchObject({
      verdict: 'undecided',
      reason: expect.stringContaining('#1.3 < #1.2: the rows score different numbers of timesteps') as string,
    });
    expect(claim(3, longer).verdict).toBe('reproduced');
    const fewer = recorded().map((row) =>
      row.row === '1.4' ? { ...row, reconstructions: row.reconstructions!.slice(1) } : row,
    );
    const elsewhere = recorded().map((row) =>
      row.row === '1.4'
        ? { ...row, reconstructions: row.reconstructions!.map((one) => ({ ...one, startSeconds: 2 })) }
        : row,
    );
    for (const rows of [fewer, elsewhere]) {
      expect(claim(10, rows)).toMatchObject({
        verdict: 'undecided',
        reason: '#1.4 > #1.2: the rows reconstruct different excerpts',
      });
    }
  });
});

describe('a notebook on the claims', () => {
  const of = { scale: 'small', data: 'piano' };

  it('shows each sentence with its verdict and the reason', () => {
    const { title, rows } = verdictsTable(assessClaims(recorded()), of);
    expect(title).toBe(
      'Findings of the paper, at scale small, on piano: 14 reproduced, 0 contradicted, 0 undecided',
    );
    expect(rows[1]).toEqual({
      claim: 2,
      sentence: 'One-hot input lowers the NLL. (section 4.1, Input representation)',
      verdict: 'reproduced',
      reason: '#1.3 < #1.2, #1.5 < #1.4: the whole interval is below 0',
    });
  });

  it('shows the measured differences, a figure for each quantity', () => {
    const quantities = ['NLL (nats)', 'perplexity', 'log-spectral distance (dB)', 'loudness deviation (dB)'];
    const assessed = assessClaims(recorded());
    const figures = claimsFigures(assessed, of);
    expect(figures.map(({ title }) => title.replace('Differences behind the claims: ', ''))).toEqual([
      ...quantities,
      'rise of NLL (nats)',
    ]);
    const [paper, reproduced] = figures[1].data;
    const labels = ['(3) #1.3 &lt; #1.2', '(5) #1.5 &gt; #1.3', '(6) #1.6 &lt; #1.5'];
    expect([paper.y, paper.x]).toEqual([labels, [-27.7, 26, -42.4]]);
    expect([reproduced.name, reproduced.y]).toEqual(['reproduced', labels]);
    const ofPerplexity = assessed
      .flatMap(({ comparisons }) => comparisons)
      .filter(({ comparison }) => comparison.first.measure.name === 'perplexity');
    const { array } = reproduced.error_x as { array: number[] };
    ofPerplexity.forEach(({ difference }, i) => {
      const { mean, error } = difference!;
      // Figures have four digits.
      expectClose([(reproduced.x as number[])[i]], [mean], 1e-3);
      expectClose([array[i]], [error!], 1e-6);
    });
    const turned = claimsFigures(assessClaims(recorded((value) => -10 * value)), of);
    expect(turned[1].data.map(({ name }) => name)).toEqual(['the paper', 'contradicted']);
    const without = recorded().filter(({ row }) => row !== '1.2-continuous');
    expect(claimsFigures(assessClaims(without), of)).toHaveLength(quantities.length);
    expect(claimsFigures(assessClaims([]), of)).toEqual([]);
  });
});
