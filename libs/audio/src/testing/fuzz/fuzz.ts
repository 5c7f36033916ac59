// Damages small files of every format at random, and holds their readers to what docs/reliability.md promises.
//
//     npx nx run audio:fuzz --files 200000 --seed 1
//
// Ctrl-C keeps the place: the same command goes on there.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { duration, fold, randomKey, RandomStream, UserError, writeFileAtomic } from '@fermata/core';

import { performanceLength, readMidi } from '../../music';
import { RecordingReader } from '../../recordings';
import { mutate } from './mutate';
import { seeds, type Seed } from './seeds';

const mostSeconds = 5;
const mostMegabytes = 500;
const mostHours = 12;

/** Results after some files. The same command goes on from them: they are kept on disk. */
interface State {
  next: number;
  read: number;
  refused: number;
  slowest: number;
  /** Resident memory of the process at its peak, in MB. */
  memory: number;
  faults: string[];
}

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: 'Infinity' },
    only: { type: 'string', default: '' },
  },
});
const [files, seed, minutes] = [values.files, values.seed, values.minutes].map(Number);
if (![files, seed, minutes].every((value) => value >= 0)) {
  process.stderr.write('--files, --seed and --minutes take numbers from 0 on.\n');
  process.exit(1);
}

const place = join(__dirname, '../../../../../.fermata/fuzz', `audio-${seed}${values.only}`);
const folder = mkdtempSync(join(tmpdir(), 'fermata-fuzz-'));
const pianoFolder = join(place, 'piano');

async function main(): Promise<void> {
  mkdirSync(place, { recursive: true });
  const all = (await seeds()).filter(({ format }) => values.only === '' || format === values.only);
  const state = load();
  const started = Date.now();
  const begun = state.next;
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
  const reader = new RecordingReader();
  const elapsed = () => (Date.now() - started) / 1000;
  while (state.next < files && !stop.signal.aborted && elapsed() < 60 * minutes) {
    await tryOne(state, all, reader);
    state.next++;
    if (state.next % 1000 === 0) {
      save(state);
      const left = ((files - state.next) * elapsed()) / (state.next - begun);
      process.stderr.write(
        `${describe(state)}; ${duration(Math.min(left, 60 * minutes - elapsed()))} left\n`,
      );
    }
  }
  await reader.close();
  save(state);
  rmSync(folder, { recursive: true });
  process.stdout.write(`${describe(state)}\n${state.faults.map((fault) => `  ${fault}\n`).join('')}`);
  if (state.faults.length > 0) process.exitCode = 1;
}

async function tryOne(state: State, all: readonly Seed[], reader: RecordingReader): Promise<void> {
  const stream = new RandomStream(fold(fold(randomKey('fuzz'), seed), state.next));
  const chosen = all[stream.integer(all.length)];
  const bytes = mutate(chosen.bytes, all[stream.integer(all.length)].bytes, stream);
  const path = join(folder, `damaged.${chosen.format}`);
  writeFileSync(path, bytes);
  const fault = (problem: string) => {
    const name = `${state.next}-${chosen.name}`;
    writeFileSync(join(place, name), bytes);
    state.faults.push(`${name}: ${problem}`);
  };

  const begun = Date.now();
  try {
    const { seconds, isMidi } = await reader.measure(path);
    if (!(seconds >= 0 && seconds <= 3600 * mostHours)) fault(`a length of ${seconds} s`);
    if (isMidi) for (const problem of midiProblems(path)) fault(problem);
    const { codes } = await reader.codes(path, { sampleRate: 1000, symbols: 256, pianoFolder });
    if (codes.length > 3600 * 1000 * mostHours) fault(`${codes.length} codes`);
    state.read++;
  } catch (error) {
    state.refused++;
    const problem = complaint(error, path);
    if (problem !== undefined) fault(problem);
  }
  const seconds = (Date.now() - begun) / 1000;
  state.slowest = Math.max(state.slowest, seconds);
  if (seconds > mostSeconds) fault(`${seconds.toFixed(1)} s`);
  const megabytes = process.memoryUsage.rss() / 2 ** 20;
  state.memory = Math.max(state.memory, Math.round(megabytes));
  if (megabytes > mostMegabytes) fault(`${Math.round(megabytes)} MB`);
}

/** The fault of an error; undefined for one line that names the file, says what is wrong and what to do. */
function complaint(error: unknown, path: string): string | undefined {
  if (!(error instanceof UserError)) return `an error of Fermata's own: ${String(error)}`;
  const { problem, remedy } = error;
  if (!problem.startsWith(`${path}: `) || remedy === '') return `an unclear error: ${error.message}`;
  const isClean =
    /^[ -~’“”−×]+$/.test(error.message) && !/undefined|\[object|Error:|null/.test(error.message);
  if (!isClean) return `an unclean error: ${JSON.stringify(error.message)}`;
  return /did nothing|decoder ended|cannot be read/.test(problem) ? problem : undefined;
}

function midiProblems(path: string): string[] {
  const performance = readMidi(path);
  const { notes, pedal } = performance;
  const isRight = notes.every(
    ({ onset, duration: held, pitch, velocity }, index) =>
      onset >= (index > 0 ? notes[index - 1].onset : 0) &&
      held >= 0 &&
      velocity >= 1 &&
      velocity <= 127 &&
      pitch >= 0 &&
      pitch <= 127,
  );
  const isHeld = pedal.every(
    ({ down, up }, index) => down >= (index > 0 ? pedal[index - 1].up : 0) && up > down,
  );
  const length = performanceLength(performance);
  return [
    ...(isRight ? [] : ['a note out of range or out of order']),
    ...(isHeld ? [] : ['pedal presses out of order']),
    ...(length >= 0 && length <= 3600 * mostHours ? [] : [`a performance of ${length} s`]),
  ];
}

function describe({ next, read, refused, slowest, memory, faults }: State): string {
  return (
    `${next} of ${files} damaged files: ${read} read, ${refused} refused, ${faults.length} faults; ` +
    `slowest ${slowest.toFixed(1)} s, memory ${memory} MB`
  );
}

function load(): State {
  try {
    return JSON.parse(readFileSync(join(place, 'state.json'), 'utf8')) as State;
  } catch {
    return { next: 0, read: 0, refused: 0, slowest: 0, memory: 0, faults: [] };
  }
}

function save(state: State): void {
  writeFileAtomic(join(place, 'state.json'), `${JSON.stringify(state, undefined, 1)}\n`);
}

void main();
