/** Note of a performance. Times are in seconds from the performance's beginning. */
export interface Note {
  readonly onset: number;
  /** Time that the key is held down; the sustain pedal may prolong the note. */
  readonly duration: number;
  /** MIDI note number: 60 is middle C, 69 the A of 440 Hz. A piano has 21 … 108. */
  readonly pitch: number;
  /** Force of the stroke, 1 … 127. */
  readonly velocity: number;
}

/** Time during which the sustain pedal is down, in seconds. */
export interface PedalPress {
  readonly down: number;
  readonly up: number;
}

/** Actions of a pianist: keys and pedal, in seconds, without bars and beats. */
export interface Performance {
  /** Ordered by onset, then by pitch. */
  readonly notes: readonly Note[];
  /** In order, without overlap. */
  readonly pedal: readonly PedalPress[];
}

/** Time of the last release of a key or the pedal, in seconds; 0 for an empty performance. */
export function performanceLength({ notes, pedal }: Performance): number {
  const keys = notes.reduce((latest, { onset, duration }) => Math.max(latest, onset + duration), 0);
  return Math.max(keys, pedal.length > 0 && notes.length > 0 ? pedal[pedal.length - 1].up : 0);
}

/** Sorts notes into the order of a Performance. */
export function sortNotes<N extends Note>(notes: readonly N[]): N[] {
  return [...notes].sort((a, b) => a.onset - b.onset || a.pitch - b.pitch);
}

/**
 * Times at which the key or the pedal stops holding each note, in seconds: `[notes]`. A pedal that is down at the key's
 * release holds the note until the pedal is released.
 */
export function soundingEnds({ notes, pedal }: Performance): Float64Array {
  return Float64Array.from(notes, ({ onset, duration }) => {
    const end = onset + duration;
    // Finds, by bisection, the last press that began by then.
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
