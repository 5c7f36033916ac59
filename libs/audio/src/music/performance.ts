/** One note of a performance. Times are in seconds from the performance's beginning. */
export interface Note {
  readonly onset: number;
  /** How long the key is held down; the sustain pedal may let the note sound longer. */
  readonly duration: number;
  /** MIDI note number: 60 is middle C, 69 the A of 440 Hz. A piano has 21 … 108. */
  readonly pitch: number;
  /** How hard the key is struck, 1 … 127. */
  readonly velocity: number;
}

/** A time during which the sustain pedal is down, in seconds. */
export interface PedalPress {
  readonly down: number;
  readonly up: number;
}

/** What a pianist does: keys and pedal, in seconds. Says nothing of bars and beats. */
export interface Performance {
  /** By onset, then by pitch. */
  readonly notes: readonly Note[];
  /** In order, and not overlapping. */
  readonly pedal: readonly PedalPress[];
}

/** The time at which the last key or the pedal is let go, in seconds; 0 for an empty performance. */
export function performanceLength({ notes, pedal }: Performance): number {
  const keys = notes.reduce((latest, { onset, duration }) => Math.max(latest, onset + duration), 0);
  return Math.max(keys, pedal.length > 0 && notes.length > 0 ? pedal[pedal.length - 1].up : 0);
}

/** Notes in the order of a Performance. */
export function sortNotes<N extends Note>(notes: readonly N[]): N[] {
  return [...notes].sort((a, b) => a.onset - b.onset || a.pitch - b.pitch);
}

/**
 * When each note ceases to be held, by its key or by the pedal, in seconds: `[notes]`. A pedal that is down when the
 * key is let go holds the note until it comes up.
 */
export function soundingEnds({ notes, pedal }: Performance): Float64Array {
  return Float64Array.from(notes, ({ onset, duration }) => {
    const end = onset + duration;
    // The last press that began by then, by bisection.
    let low = 0;
    let high = pedal.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pedal[middle].down <= end) low = middle + 1;
      else high = middle;
    }
    return low > 0 ? Math.max(end, pedal[low - 1].up) : end;
  });
}
