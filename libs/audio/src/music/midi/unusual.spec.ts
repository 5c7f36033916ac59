import { event, midiFile, off, on, quantity, threeNotes, track } from '../../testing/midiFile';
import { readMidi } from './readMidi';

/** Onset, end and velocity of each note, in the order of onsets. */
const heard = (file: Uint8Array) =>
  readMidi(file).notes.map(({ onset, duration, velocity }) => [onset, onset + duration, velocity]);

const three = [
  [0, 0.5, 64],
  [0.5, 1, 64],
  [1, 1.5, 64],
];

describe('a key struck again', () => {
  it('at the tick where it is let go sounds on, though the stroke comes first', () => {
    const notes = track(on(60), on(60, 96, 80), off(60, 0), on(60, 96, 90), off(60, 0), off(60));
    expect(heard(midiFile(notes))).toEqual([
      [0, 0.5, 64],
      [0.5, 1, 80],
      [1, 1.5, 90],
    ]);
  });

  it('by the other staff sounds on, in whichever order their tracks come', () => {
    const right = track(on(60, 96, 80), off(60));
    const left = track(on(60), off(60));
    const expected = [
      [0, 0.5, 64],
      [0.5, 1, 80],
    ];
    expect(heard(midiFile(right, left))).toEqual(expected);
    expect(heard(midiFile(left, right))).toEqual(expected);
  });

  it('by the other staff lasts until its own release', () => {
    expect(heard(midiFile(track(on(60), off(60)), track(on(60, 48, 80), off(60, 144))))).toEqual([
      [0, 0.5, 64],
      [0.25, 1, 80],
    ]);
  });

  it('ends the first note where releases are missing', () => {
    const once = track(on(60), on(60, 48), off(60, 48), on(60, 96), off(60, 96), on(62, 960), off(62));
    expect(heard(midiFile(once)).slice(0, 3)).toEqual([
      [0, 0.25, 64],
      [0.25, 0.5, 64],
      [1, 1.5, 64],
    ]);
  });

  it('and let go at once is a short note', () => {
    expect(heard(midiFile(track(on(60), off(60, 0), ...threeNotes)))[0]).toEqual([0, 0, 64]);
  });
});

describe('other messages', () => {
  it.each([120, 123, 126])('let go of all keys of their channel (controller %d)', (controller) => {
    const file = midiFile(
      track(
        on(60),
        event(0, 0x91, 62, 70),
        event(96, 0xb0, controller, 0),
        on(67),
        off(67, 960),
        event(0, 0x81, 62, 0),
      ),
    );
    expect(heard(file)).toEqual([
      [0, 0.5, 64],
      [0, 5.5, 70],
      [0.5, 5.5, 64],
    ]);
  });

  it('lift the pedal (reset of all controllers)', () => {
    const file = midiFile(track(event(0, 0xb0, 64, 127), on(60), event(48, 0xb0, 121, 0), off(60, 48)));
    expect(readMidi(file).pedal).toEqual([{ down: 0, up: 0.25 }]);
  });

  it.each<[string, number[]]>([
    ['a sequence number that is left out', event(0, 0xff, 0, 0)],
    ['a time signature of five bytes', event(0, 0xff, 0x58, 5, 4, 2, 24, 8, 0)],
    ['a tempo of four bytes', event(0, 0xff, 0x51, 4, 0x07, 0xa1, 0x20, 0)],
    ['a port without a number', event(0, 0xff, 0x21, 0)],
    [
      'a text of 200,000 letters',
      [...event(0, 0xff, 1, ...quantity(200_000)), ...Array<number>(200_000).fill(65)],
    ],
    ['a clock', event(0, 0xf8)],
    ['active sensing', event(0, 0xfe)],
    ['a song position', event(0, 0xf2, 1, 2)],
    ['a message of a device', event(0, 0xf0, 3, 1, 2, 0xf7)],
  ])('leave the notes as they are: %s', (_, message) => {
    expect(heard(midiFile(track(message, ...threeNotes)))).toEqual(three);
    expect(heard(midiFile(track(...threeNotes.slice(0, 1), message, ...threeNotes.slice(1))))).toEqual(three);
  });

  it('stand between events that go on without a status', () => {
    const notes = track(
      event(0, 0x90, 60, 64),
      event(0, 0xf8),
      event(96, 60, 0),
      event(0, 64, 64),
      event(96, 64, 0),
    );
    expect(heard(midiFile(notes))).toEqual(three.slice(0, 2));
  });

  it('end a track, whatever follows', () => {
    expect(heard(midiFile(track(...threeNotes, event(0, 0xff, 0x2f, 1, 0), on(80), off(80))))).toEqual(three);
  });
});

describe('a MIDI file', () => {
  it('may lie within RIFF', () => {
    const file = midiFile(track(...threeNotes));
    const head = Buffer.from('RIFF\0\0\0\0RMIDdata\0\0\0\0', 'latin1');
    expect(heard(Buffer.concat([head, file]))).toEqual(three);
  });

  it('may have chunks of other kinds between its tracks', () => {
    const other = [...Buffer.from('XFIH'), 0, 0, 0, 2, 1, 2];
    expect(heard(midiFile([...other, ...track(...threeNotes)]))).toEqual(three);
  });

  it.each<[string, number[], string]>([
    ['a velocity over 127', event(0, 0x90, 60, 200), '200 in place of a value below 128'],
    ['a key over 127', event(0, 0x90, 200, 60), '200 in place of a value below 128'],
    ['a number of five bytes', [0x81, 0x81, 0x81, 0x81, 1, 0x90, 60, 64], 'more than four bytes'],
    ['a tempo of 0', event(0, 0xff, 0x51, 3, 0, 0, 0), 'a tempo of 0'],
    ['a text longer than its track', event(0, 0xff, 1, ...quantity(0xfffffff)), 'ends within an event'],
  ])('with %s is refused', (_, message, problem) => {
    expect(() => readMidi(midiFile(track(...threeNotes, message)))).toThrow(problem);
  });

  it('with drums alone is refused, and says why', () => {
    expect(() => readMidi(midiFile(track(event(0, 0x99, 36, 80), event(96, 0x89, 36, 0))))).toThrow(
      'all its notes are percussion (channel 10)',
    );
  });
});

describe('a long rest', () => {
  const eightHours = 96 * 2 * 3600 * 8;

  it('is shortened to ten seconds, and said', () => {
    const performance = readMidi(midiFile(track(...threeNotes, on(72, eightHours), off(72))));
    expect(performance.notes.at(-1)).toMatchObject({ onset: 11.5, duration: 0.5 });
    expect(performance.remarks).toEqual(['its rest of 8 h after 1.5 s is shortened to 10 s']);
  });

  it('before the music is one too', () => {
    const performance = readMidi(midiFile(track(on(72, eightHours), off(72), ...threeNotes)));
    expect(performance.notes.map(({ onset }) => onset)).toEqual([10, 10.5, 11, 11.5]);
  });

  it('moves the pedal along', () => {
    const pedal = (value: number, delta: number) => event(delta, 0xb0, 64, value);
    const { pedal: presses } = readMidi(
      midiFile(
        track(
          on(60),
          pedal(127, 0),
          off(60),
          pedal(0, eightHours),
          on(72),
          pedal(127, 96),
          off(72),
          pedal(0, 96),
        ),
      ),
    );
    expect(presses).toEqual([
      { down: 0, up: 10.5 },
      { down: 11, up: 12 },
    ]);
  });

  it('of four minutes is music', () => {
    const performance = readMidi(midiFile(track(...threeNotes, on(72, 96 * 2 * 240), off(72))));
    expect(performance.notes.at(-1)).toMatchObject({ onset: 241.5 });
    expect(performance.remarks).toEqual([]);
  });

  it('that is filled by a held key sounds for a minute at most', () => {
    expect(heard(midiFile(track(on(60), event(0xfffffff, 0xff, 0x2f, 0))))).toEqual([[0, 60, 64]]);
  });

  it('many times over is too long', () => {
    const notes = Array.from({ length: 300 }, () => [on(60, 96 * 2 * 290), off(60)]).flat();
    expect(() => readMidi(midiFile(track(...notes)))).toThrow('it lasts 24 hours, more than 6');
  });
});
