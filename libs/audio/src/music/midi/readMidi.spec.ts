import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UserError } from '@fermata/core';

import { performanceLength, soundingEnds } from '../performance';
import { readMidi } from './readMidi';

const text = (word: string): number[] => [...Buffer.from(word, 'latin1')];
const uint32 = (value: number): number[] => [
  value >>> 24,
  (value >> 16) & 255,
  (value >> 8) & 255,
  value & 255,
];
const track = (...bytes: number[]): number[] => [...text('MTrk'), ...uint32(bytes.length), ...bytes];
const file = (format: number, division: number, ...tracks: number[][]): Uint8Array =>
  Uint8Array.from([
    ...text('MThd'),
    ...uint32(6),
    ...[0, format, 0, tracks.length, division >> 8, division & 255],
    ...tracks.flat(),
  ]);
const tempo = (delta: number, microseconds: number): number[] => [
  ...[delta, 0xff, 0x51, 3],
  ...uint32(microseconds).slice(1),
];
const end = [0, 0xff, 0x2f, 0];

describe('readMidi', () => {
  it('follows tempo changes of one track in the notes of another', () => {
    // 96 ticks per beat. Beats last 0.5 s until tick 96, 1 s until tick 192, then 0.25 s.
    const conductor = track(...tempo(96, 1_000_000), ...tempo(96, 250_000), ...end);
    const notes = track(
      ...[48, 0x90, 60, 80], // tick 48: 0.25 s
      ...[96, 0x80, 60, 0], // tick 144: 0.5 + 0.5 = 1 s
      ...[96, 0x90, 64, 90], // tick 240: 0.5 + 1 + 0.125 = 1.625 s
      ...[96, 0x80, 64, 0], // tick 336: 1.875 s
      ...end,
    );
    expect(readMidi(file(1, 96, conductor, notes)).notes).toEqual([
      { onset: 0.25, duration: 0.75, pitch: 60, velocity: 80 },
      { onset: 1.625, duration: 0.25, pitch: 64, velocity: 90 },
    ]);
  });

  it('understands running status, note-ons of velocity 0 and long delta times', () => {
    // Delta 0x81 0x40 is 192 ticks: two beats, one second.
    const notes = track(0, 0x90, 60, 80, 0x81, 0x40, 60, 0, 0, 62, 70, 96, 62, 0, ...end);
    expect(readMidi(file(0, 96, notes)).notes).toEqual([
      { onset: 0, duration: 1, pitch: 60, velocity: 80 },
      { onset: 1, duration: 0.5, pitch: 62, velocity: 70 },
    ]);
  });

  it('ends a note where its key is struck again, and at the end of the file', () => {
    const notes = track(0, 0x90, 60, 80, 48, 60, 81, 48, 64, 82, 96, 0xff, 0x2f, 0);
    expect(readMidi(file(0, 96, notes)).notes).toEqual([
      { onset: 0, duration: 0.25, pitch: 60, velocity: 80 },
      { onset: 0.25, duration: 0.75, pitch: 60, velocity: 81 },
      { onset: 0.5, duration: 0.5, pitch: 64, velocity: 82 },
    ]);
  });

  it('reads the sustain pedal, which holds notes', () => {
    const notes = track(
      ...[0, 0x90, 60, 80],
      ...[48, 0xb0, 64, 100], // down at 0.25 s
      ...[0, 0xb0, 67, 127], // the soft pedal is ignored
      ...[48, 0x80, 60, 0], // the key is released at 0.5 s
      ...[48, 0xb0, 64, 70], // still down
      ...[48, 0xb0, 64, 20], // up at 1 s
      ...[0, 0x90, 62, 80],
      ...[96, 0x80, 62, 0],
      ...end,
    );
    const performance = readMidi(file(0, 96, notes));
    expect(performance.pedal).toEqual([{ down: 0.25, up: 1 }]);
    expect([...soundingEnds(performance)]).toEqual([1, 1.5]);
    expect(performanceLength(performance)).toBe(1.5);
  });

  it('counts the pedal as pressed from halfway on', () => {
    const notes = track(0, 0x90, 60, 80, 48, 0xb0, 64, 64, 48, 0xb0, 64, 63, 0, 0x80, 60, 0, ...end);
    expect(readMidi(file(0, 96, notes)).pedal).toEqual([{ down: 0.25, up: 0.5 }]);
  });

  it('keeps the pedal down until the last channel lets it go', () => {
    const notes = track(
      ...[0, 0x90, 60, 80],
      ...[0, 0xb0, 64, 100], // down in channel 1 at 0 s
      ...[48, 0xb1, 64, 100], // in channel 2 at 0.25 s
      ...[48, 0xb0, 64, 0], // up in channel 1 at 0.5 s
      ...[48, 0xb1, 64, 0], // in channel 2 at 0.75 s
      ...[0, 0x80, 60, 0],
      ...end,
    );
    expect(readMidi(file(0, 96, notes)).pedal).toEqual([{ down: 0, up: 0.75 }]);
  });

  it('lets the same key sound in two channels at once', () => {
    const notes = track(
      ...[0, 0x90, 60, 80],
      ...[48, 0x91, 60, 70],
      ...[48, 0x80, 60, 0],
      ...[48, 0x81, 60, 0],
      ...end,
    );
    expect(readMidi(file(0, 96, notes)).notes).toEqual([
      { onset: 0, duration: 0.5, pitch: 60, velocity: 80 },
      { onset: 0.25, duration: 0.5, pitch: 60, velocity: 70 },
    ]);
  });

  it('counts SMPTE time in frames', () => {
    const notes = track(0, 0x90, 60, 80, 100, 60, 0, ...end); // 25 frames per second, 40 ticks per frame
    expect(readMidi(file(0, 0xe728, notes)).notes[0].duration).toBeCloseTo(0.1, 12);
  });

  it('takes 29 SMPTE frames a second for the 29.97 of television', () => {
    const notes = track(0, 0x90, 60, 80, 100, 60, 0, ...end); // 40 ticks per frame
    expect(readMidi(file(0, 0xe328, notes)).notes[0].duration).toBeCloseTo((2.5 * 1.001) / 30, 12);
  });

  it('leaves out percussion', () => {
    const notes = track(0, 0x99, 36, 80, 0, 0x90, 60, 80, 96, 0x99, 36, 0, 0, 0x90, 60, 0, ...end);
    expect(readMidi(file(0, 96, notes)).notes.map(({ pitch }) => pitch)).toEqual([60]);
  });

  const note = [0, 0x90, 60, 80, 96, 60, 0];
  it.each([
    ['nothing', new Uint8Array(0), 'the file is empty'],
    ['text', Uint8Array.from(text('This is no MIDI file.')), 'not a MIDI file'],
    ['a file cut short', file(0, 96, track(...note, ...end)).subarray(0, 26), 'cut short in track 1 of 1'],
    ['a track that ends within an event', file(0, 96, track(...note, 0, 0x90, 60)), 'ends within an event'],
    ['data without status', file(0, 96, track(0, 60, 80, ...end)), 'damaged'],
    ['patterns', file(2, 96, track(...note, ...end)), 'format 2'],
    ['no time division', file(0, 0, track(...note, ...end)), 'time division of 0'],
    ['no notes', file(0, 96, track(...end)), 'no notes'],
  ])('explains the problem with %s', (_, bytes, problem) => {
    const path = join(mkdtempSync(join(tmpdir(), 'fermata-')), 'take.mid');
    writeFileSync(path, bytes);
    expect(() => readMidi(path)).toThrow(UserError);
    expect(() => readMidi(path)).toThrow(`${path}: `);
    expect(() => readMidi(path)).toThrow(problem);
  });

  it('names a missing file', () => {
    expect(() => readMidi('nowhere/take.mid')).toThrow('nowhere/take.mid: there is no such file');
  });
});
