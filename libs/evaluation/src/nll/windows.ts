/** A part of a piece that a model is given at once, and the positions of it that are scored. */
export interface Window {
  /** First timestep, a multiple of the hop. */
  readonly start: number;
  /** Timesteps, a multiple of the hop. */
  readonly length: number;
  /** The positions scored, counted in the piece: from … to − 1. */
  readonly from: number;
  readonly to: number;
}

/** How a piece is cut into windows. */
export interface WindowPlan {
  readonly hop: number;
  /** Timesteps that the NLL of a position depends on, before and after it. */
  readonly past: number;
  readonly future: number;
  /** The first positions of each piece are not scored; at least `past`. */
  readonly skip: number;
  /** The positions scored begin and end at multiples of this, a multiple of the hop. */
  readonly multipleOf: number;
  /** Positions that a window scores at least, where the piece has as many left. */
  readonly positions: number;
}

/**
 * Cuts a piece into windows that overlap by the context, so that each position from `skip` on (rounded up to
 * `multipleOf`) to the end (rounded down) is scored exactly once and with all of its context. At the end of the piece the
 * future is what is there, as if the whole piece were scored at once. The last window reaches back, so that all windows
 * are of the same length, unless the piece is shorter.
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

/** The positions of a piece that are scored: from … to − 1; none where to ≤ from. */
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
