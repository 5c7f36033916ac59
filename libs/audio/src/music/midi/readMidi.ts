import { SourceFile } from '../../files/source';
import { performanceLength, sortNotes, type Performance } from '../performance';
import { PerformanceBuilder } from './builder';
import { shortenRests } from './rests';
import { parseSmf, unusable, type MidiEvent, type MidiFile } from './smf';

/** The performance of a MIDI file. */
export interface MidiPerformance extends Performance {
  /** Sentences, without the name of the file, on everything that is played otherwise than it is written. */
  readonly remarks: readonly string[];
}

const megabyte = 1 << 20;
const mostMegabytes = 4;
const mostHours = 6;

/**
 * Reads the notes and the sustain pedal of a standard MIDI file of format 0 or 1. Tempo changes of all tracks apply to
 * all tracks. All channels except percussion play the one piano. A key struck again before its release ends the first
 * note. Half-pedalling counts as down from value 64 on. Soft and sostenuto pedal are ignored. A rest of more than five
 * minutes is shortened, with a remark.
 *
 * @param file path, or the bytes of a file
 * @param name name of the bytes in errors
 * @throws UserError if the file cannot be read, is not a MIDI file of these formats, is damaged, has no notes, or is too
 *   long
 */
export function readMidi(file: string | Uint8Array, name = 'MIDI data'): MidiPerformance {
  return typeof file === 'string' ? performanceOf(readWhole(file), file) : performanceOf(file, name);
}

function readWhole(path: string): Uint8Array {
  const source = new SourceFile(path);
  try {
    if (source.size > mostMegabytes * megabyte) {
      const size = Math.round(source.size / megabyte);
      throw unusable(path, `the file has ${size} MB, more than the ${mostMegabytes} of any piece for piano`);
    }
    return source.read(0, source.size);
  } finally {
    source.close();
  }
}

function performanceOf(bytes: Uint8Array, name: string): MidiPerformance {
  const file = parseSmf(bytes, name);
  const builder = new PerformanceBuilder();
  for (const { seconds, track, event } of inTime(file)) builder.add(event, track, seconds);
  const { notes, pedal, percussion } = builder.finish();
  if (notes.length === 0) {
    throw unusable(
      name,
      percussion > 0 ? 'all its notes are percussion (channel 10)' : 'the file has no notes',
    );
  }
  const { performance, remarks } = shortenRests({ notes: sortNotes(notes), pedal });
  const hours = performanceLength(performance) / 3600;
  if (hours > mostHours) throw unusable(name, `it lasts ${Math.round(hours)} hours, more than ${mostHours}`);
  return { ...performance, remarks };
}

interface TimedEvent {
  readonly seconds: number;
  readonly track: number;
  readonly event: MidiEvent;
}

/** All events in the order of time, through the tempo changes of all tracks. */
function* inTime({ tracks, secondsPerTick, ticksPerBeat }: MidiFile): Generator<TimedEvent> {
  const events = tracks
    .flatMap((track, index) => track.map((event) => ({ event, track: index })))
    .sort((a, b) => a.event.tick - b.event.tick);
  let perTick = secondsPerTick;
  let tick = 0;
  let seconds = 0;
  for (const { event, track } of events) {
    seconds += (event.tick - tick) * perTick;
    tick = event.tick;
    if (event.kind === 'tempo' && ticksPerBeat !== undefined) {
      perTick = event.microsecondsPerBeat / 1e6 / ticksPerBeat;
    }
    yield { seconds, track, event };
  }
}
