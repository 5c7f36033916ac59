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

  it('divides a long recording, and leaves a fragment beside it whole', () => {
    const { files, notes } = planSplits(recordings(100, 0.2), 1);
    const parts = Object.fromEntries(files.map((file) => [file.id, file.parts.map(({ split }) => split)]));
    expect(parts).toEqual({ '0.wav': ['train', 'validation', 'test'], '1.wav': ['train'] });
    expect(notes.at(-1)).toBe(
      '0.wav: as the only piece long enough, its last 10% is held out (validation, test), after a gap of 1.0 s.',
    );
  });

  it('reports the pieces and minutes of each split', () => {
    expect(planSplits(recordings(90, 30, 45), 1).notes).toEqual([
      'A seeded draw assigned the pieces without a given split. The totals are train 1 (1.5 min), validation 1 (0.8 min), test 1 (0.5 min).',
    ]);
  });
});
