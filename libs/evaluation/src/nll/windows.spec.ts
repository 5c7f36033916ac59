import { planWindows, scoredRange, type WindowPlan } from './windows';

const base: WindowPlan = { hop: 1, past: 0, future: 0, skip: 0, multipleOf: 1, positions: 10 };

describe('planWindows', () => {
  it('lets windows overlap by the context and the last one reach back', () => {
    expect([...planWindows(30, { ...base, past: 3, skip: 5, positions: 8 })]).toEqual([
      { start: 2, length: 11, from: 5, to: 13 },
      { start: 10, length: 11, from: 13, to: 21 },
      { start: 18, length: 11, from: 21, to: 29 },
      { start: 19, length: 11, from: 29, to: 30 },
    ]);
  });

  it('begins windows at multiples of the hop, without future only at the end', () => {
    const plan = { ...base, hop: 4, past: 5, future: 3, skip: 6, multipleOf: 8, positions: 6 };
    expect([...planWindows(47, plan)]).toEqual([
      { start: 0, length: 20, from: 8, to: 17 },
      { start: 12, length: 20, from: 17, to: 29 },
      { start: 24, length: 20, from: 29, to: 40 },
    ]);
  });

  // For all sizes: every position once, in order, with all its context, in windows of one length.
  it.each([1, 2, 3, 8])('covers every position once with full context: hop %d', (hop) => {
    for (const plan of plans(hop)) {
      for (let length = 0; length < 90; length += 7) {
        const windows = [...planWindows(length, plan)];
        const { from, to } = scoredRange(length, plan);
        const usable = length - (length % hop);
        const right = windows.every(
          (window, index) =>
            window.from === (windows[index - 1]?.to ?? from) &&
            window.to > window.from &&
            window.start % hop === 0 &&
            window.length % hop === 0 &&
            window.length === windows[0].length &&
            window.start <= window.from - plan.past &&
            window.start + window.length >= Math.min(usable, window.to + plan.future) &&
            window.start + window.length <= usable,
        );
        const whole = from < to ? windows.at(-1)?.to === to : windows.length === 0;
        if (!right || !whole) throw new Error(JSON.stringify({ length, plan, windows }));
      }
    }
  });
});

function plans(hop: number): WindowPlan[] {
  return [0, 3, 9].flatMap((past) =>
    [0, 2, 6].flatMap((future) =>
      [1, 5, 16].flatMap((positions) =>
        [past, past + 5].map((skip) => ({ hop, past, future, skip, multipleOf: 2 * hop, positions })),
      ),
    ),
  );
}
