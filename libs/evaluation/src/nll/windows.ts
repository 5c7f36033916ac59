/** A part of a piece that a model processes at once, with its scored positions. */
export interface Window {
  /** First timestep, a multiple of the hop. */
  readonly start: number;
  /** Timesteps, a multiple of the hop. */
  readonly length: number;
  /** First scored position, counted in the piece; the last is to − 1. */
  readonly from: number;
  readonly to: number;
}

/** Settings for cutting a piece into windows. */
export interface WindowPlan {
  readonly hop: number;
  /** Timesteps before a position that its NLL depends on. */
  readonly past: number;
  readonly future: number;
  /** Number of unscored positions at the start of each piece; at least `past`. */
  readonly skip: number;
  /** Multiples at which the scored positions begin and end, a multiple of the hop. */
  readonly multipleOf: number;
  /** Least number of positions that a window scores, if the piece has as many left. */
  readonly positions: number;
}

/**
 * Cuts a piece into windows that overlap by the context, so that each position from `skip` (rounded up to `multipleOf`)
 * to the end (rounded down) is scored exactly once and with all its context. At the end of the piece the future is
 * shorter, as if the whole piece were scored at once. The last window begins earlier, so that all windows have the same
 * length, unless the piece is shorter.
 */
export function* planWindows(pieceLength: number, plan: WindowPlan): Generator<Window> {
  const { hop, past, future, skip, multipleOf, positions } = plan;
  const usable = roundDown(pieceLength, hop);
  const end = roundDown(pieceLength, multipleOf);
  // A window may begin up to hop − 1 timesteps before the context does.
  const length = Math.min(usable, roundUp(past + positions + future + hop - 1, hop));
  let from = roundUp(skip, multipleOf);
  while (from < end) {
    const start = Math.min(roundDown(from - past, hop), usable - length);
    const to = start + length === usable ? end : Math.min(end, start + length - future);
    yield { start, length, from, to };
    from = to;
  }
}

/** Range of the scored positions of a piece: from … to − 1; none if to ≤ from. */
export function scoredRange(
  pieceLength: number,
  { skip, multipleOf }: Pick<WindowPlan, 'skip' | 'multipleOf'>,
): { from: number; to: number } {
  return { from: roundUp(skip, multipleOf), to: roundDown(pieceLength, multipleOf) };
}

function roundDown(value: number, multiple: number): number {
  return Math.floor(value / multiple) * multiple;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
