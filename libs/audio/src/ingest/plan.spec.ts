import { planSplits } from './plan';

const recordings = (...seconds: number[]) =>
  seconds.map((value, index) => {
    const id = `${index}.wav`;
    return { id, path: id, size: 1, changed: 1, isMidi: false, seconds: value };
  });

describe('planSplits', () => {
  it('leaves gaps of no more than five seconds in a long recording', () => {
    const { files, notes } = planSplits(recordings(3600), 1);
    const [train, validation, test] = files[0].parts;
    expect((validation.from - train.to) * 3600).toBeCloseTo(5, 6);
    expect((test.from - validation.to) * 3600).toBeCloseTo(5, 6);
    expect(notes.at(-1)).toContain('after a gap of 5.0 s');
  });

  it('reports the pieces and minutes of each split', () => {
    expect(planSplits(recordings(90, 30, 45), 1).notes).toEqual([
      'A seeded draw assigned the pieces without a given split. The totals are train 1 (1.5 min), validation 1 (0.8 min), test 1 (0.5 min).',
    ]);
  });
});
