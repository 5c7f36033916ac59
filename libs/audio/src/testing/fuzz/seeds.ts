import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

import { openAudioWriter } from '../../files';
import { music } from '../music';
import { event, midiFile, threeNotes, track } from '../midiFile';

/** A small file that can be read, to be damaged. */
export interface Seed {
  readonly name: string;
  /** Reader that it is for: the extension without the dot. */
  readonly format: string;
  readonly bytes: Buffer;
}

const goldens = join(__dirname, '../../../../../tools/goldens/audio/sounds');

/** Small files of every format that Fermata reads: goldens of other programs, files of Fermata's own writers, and MIDI. */
export async function seeds(): Promise<Seed[]> {
  const files = readdirSync(goldens).map((name) => seed(name, readFileSync(join(goldens, name))));
  return [...files, ...(await written()), ...midiSeeds()];
}

function seed(name: string, bytes: Uint8Array): Seed {
  return { name, format: extname(name).slice(1), bytes: Buffer.from(bytes) };
}

async function written(): Promise<Seed[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fermata-seeds-'));
  try {
    const files: Seed[] = [];
    for (const name of ['written.wav', 'written.flac', 'written.mp3', 'written.ogg']) {
      const writer = await openAudioWriter(join(folder, name), { rate: 16000 });
      await writer.write(music(4000));
      await writer.close();
      files.push(seed(name, readFileSync(join(folder, name))));
    }
    return [...files, seed('chained.ogg', Buffer.concat([files[3].bytes, files[3].bytes]))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function midiSeeds(): Seed[] {
  const pedal = [
    event(0, 0xb0, 64, 127),
    event(48, 0x90, 60, 80),
    event(48, 0x90, 60, 0),
    event(0, 0xb0, 64, 0),
  ];
  const tempo = event(0, 0xff, 0x51, 3, 0x07, 0xa1, 0x20);
  return [
    seed('notes.mid', midiFile(track(...threeNotes))),
    seed('tracks.mid', midiFile(track(tempo, ...threeNotes), track(...pedal), track(...threeNotes))),
  ];
}
