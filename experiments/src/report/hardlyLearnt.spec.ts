import { audio, codesOf, rowNamed, type Sequence } from '../rows';
import { hardlyLearnt } from './hardlyLearnt';
import type { PaperResults, TrainedRow } from './results';

const trained = (id: string, evalNll: number) => ({ row: rowNamed(id), outcome: { evalNll } }) as TrainedRow;
const profile = (sequence: Sequence, receptiveField: number, entropy: number) => ({
  sequence,
  points: [
    { receptiveField, nll: entropy + 0.1, entropy, positions: 1, parameters: 1, timesteps: 1, seconds: 1 },
  ],
});
const profiles: PaperResults['profiles'] = [profile(codesOf('1.2'), 0, 2), profile(audio(), 0, 5)];

describe('hardlyLearnt', () => {
  it('names the rows of audio that are less than half a nat under the entropy of single samples', () => {
    const rows = [trained('1.1', 4.5), trained('1.2', 4.501), trained('1.4', NaN), trained('2.1', 5.5)];
    expect(hardlyLearnt({ rows, profiles })).toEqual([
      '#1.2 has hardly learnt: its eval NLL is 4.501 nats, and the entropy of single samples 5.000',
      '#1.4 has hardly learnt: its eval NLL is NaN nats, and the entropy of single samples 5.000',
    ]);
  });

  it('says nothing if that entropy was not measured', () => {
    expect(hardlyLearnt({ rows: [trained('1.1', 9)], profiles: [profile(audio(), 1, 5)] })).toEqual([]);
  });
});
