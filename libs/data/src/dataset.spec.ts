import fs, {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UserError, sha256 } from '@fermata/core';

import { DatasetWriter, openDataset, openDatasetOf, type DatasetHeader, type PieceInfo, type Split } from '.';

const header = { symbols: 256, rate: 16000, description: { made: 'by a test' } };
const bytes = (length: number, seed = 0) => Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 11) % 256);
const piece = (id: string, split: Split = 'train') => ({ id, source: `${id}.wav`, split });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dataset-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function writeThree(): DatasetWriter {
  const writer = new DatasetWriter(folder, header);
  ['a', 'b', 'c'].forEach((id, index) => {
    if (!writer.has(id)) writer.add(piece(id), bytes(1000 + index, index));
  });
  return writer;
}

describe('a dataset', () => {
  it('returns the added pieces', () => {
    const writer = new DatasetWriter(folder, header);
    writer.add({ ...piece('a'), composer: 'Clara Schumann', title: 'Romanze' }, bytes(500));
    writer.add(piece('b', 'test'), bytes(300, 1));
    const dataset = writer.finish([{ file: 'c.wav', reason: 'the file is empty' }], ['a note']);

    expect(dataset).toMatchObject({ ...header, folder, notes: ['a note'] });
    expect(dataset.skipped).toEqual([{ file: 'c.wav', reason: 'the file is empty' }]);
    expect(dataset.pieces).toMatchObject([
      { id: 'a', composer: 'Clara Schumann', title: 'Romanze', split: 'train', length: 500 },
      { id: 'b', source: 'b.wav', split: 'test', length: 300 },
    ]);
    expect(dataset.read(dataset.pieces[0])).toEqual(bytes(500));
    expect(dataset.read(dataset.pieces[1], 100, 50)).toEqual(bytes(300, 1).subarray(100, 150));
    expect(() => dataset.read(dataset.pieces[1], 100, 201)).toThrow(RangeError);
    expect(() => dataset.read(dataset.pieces[1], -1, 2)).toThrow(RangeError);
    expect(() => dataset.read({ ...dataset.pieces[1], id: 'x' })).toThrow(RangeError);
    dataset.close();
  });

  it('keeps more than 256 symbols in 16 bits', () => {
    const writer = new DatasetWriter(folder, { ...header, symbols: 1024 });
    writer.add(piece('a'), Uint16Array.of(1, 2, 3));
    writer.add(piece('b'), Uint16Array.of(1023, 256, 0, 7));
    const dataset = writer.finish();
    expect(dataset.read(dataset.pieces[1], 1, 3)).toEqual(Uint16Array.of(256, 0, 7));
    expect(readFileSync(join(folder, 'shard-00000.bin')).readUInt16LE(6)).toBe(1023);
    dataset.close();
  });

  it('begins a new shard once the last one is full', () => {
    // Simulates a killed writer, ten bytes short of a full shard; a hole in the file takes no room on the disk.
    const length = 256 * 1024 * 1024 - 10;
    writeFileSync(join(folder, 'shard-00000.bin'), '');
    truncateSync(join(folder, 'shard-00000.bin'), length);
    const entry = { ...piece('full'), length, shard: 0, offset: 0, sha256: sha256(new Uint8Array(length)) };
    const journal = [{ format: 'fermata-dataset-1', ...header }, entry];
    writeFileSync(join(folder, 'journal.jsonl'), journal.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const dataset = writeThree().finish();
    expect(readdirSync(folder).sort()).toEqual([
      'index.json',
      'shard-00000.bin',
      'shard-00001.bin',
      'verified.json',
    ]);
    const [full, ...added] = dataset.pieces;
    expect(full.id).toBe('full');
    expect(added.map((info) => dataset.read(info))).toEqual([0, 1, 2].map((i) => bytes(1000 + i, i)));
    dataset.close();
  });

  it('refuses pieces that do not belong in it', () => {
    const writer = writeThree();
    expect(() => {
      writer.add(piece('a'), bytes(5));
    }).toThrow("'a' already");
    expect(() => {
      writer.add(piece('d'), bytes(0));
    }).toThrow('empty');
    expect(() => {
      writer.add(piece('d'), Uint16Array.of(1, 256));
    }).toThrow("piece 'd': symbol 256 at timestep 1 is outside the alphabet 0 … 255");
    writer.close();
    const small = new DatasetWriter(join(folder, 'small'), { ...header, symbols: 16 });
    expect(() => {
      small.add(piece('a'), Uint8Array.of(3, 16));
    }).toThrow('symbol 16');
    small.close();
  });

  it('has a fingerprint of its contents, rate and splits alone', () => {
    const make = (
      name: string,
      changes: Partial<DatasetHeader>,
      info: Omit<PieceInfo, 'length'>,
      seed: number,
    ) => {
      const writer = new DatasetWriter(join(folder, name), { ...header, ...changes });
      writer.add(info, bytes(100, seed));
      const dataset = writer.finish();
      dataset.close();
      return dataset.fingerprint;
    };
    const first = make('1', {}, piece('a'), 0);
    expect(make('2', { description: 'other' }, { ...piece('a'), source: 'elsewhere.wav' }, 0)).toBe(first);
    expect(make('3', {}, piece('a', 'test'), 0)).not.toBe(first);
    expect(make('4', {}, piece('a'), 1)).not.toBe(first);
    expect(make('5', { rate: 8000 }, piece('a'), 0)).not.toBe(first);
  });

  it('is found again by its description', () => {
    expect(openDatasetOf(folder, header.description)).toBeUndefined();
    writeThree().finish().close();
    const found = openDatasetOf(folder, { made: 'by a test' });
    expect(found?.pieces).toHaveLength(3);
    found?.close();
    expect(openDatasetOf(folder, { made: 'otherwise' })).toBeUndefined();
  });
});

describe('a killed writer', () => {
  // States on disk after a kill: any prefix of the journal, and shards that may be longer than it says.
  it('leaves a state that the next writer completes to the same dataset, wherever it stopped', () => {
    const whole = writeThree().finish();
    const { fingerprint } = whole;
    whole.close();
    writeThree().close();
    const journal = readFileSync(join(folder, 'journal.jsonl'));
    const shard = readFileSync(join(folder, 'shard-00000.bin'));
    const first = journal.indexOf('\n');
    for (const length of [
      0,
      10,
      first,
      first + 1,
      first + 30,
      ...range(first + 30, journal.length, 41),
      journal.length,
    ]) {
      writeFileSync(join(folder, 'journal.jsonl'), journal.subarray(0, length));
      writeFileSync(join(folder, 'shard-00000.bin'), Buffer.concat([shard, Buffer.from('half a piece')]));
      const dataset = writeThree().finish();
      expect(dataset.fingerprint).toBe(fingerprint);
      expect(dataset.read(dataset.pieces[2])).toEqual(bytes(1002, 2));
      dataset.close();
      expect(readdirSync(folder).sort()).toEqual(['index.json', 'shard-00000.bin', 'verified.json']);
    }
  });

  it('keeps the pieces that are whole', () => {
    writeThree().close();
    appendFileSync(join(folder, 'journal.jsonl'), '{"id":"d","spl');
    const writer = new DatasetWriter(folder, header);
    expect(['a', 'b', 'c', 'd'].map((id) => writer.has(id))).toEqual([true, true, true, false]);
    expect(writer.written('train')).toBe(3003);
    writer.close();
  });

  it('is not continued by one that makes something else, nor where its shard is gone', () => {
    writeThree().close();
    const other = new DatasetWriter(folder, { ...header, description: 'other' });
    expect(other.has('a')).toBe(false);
    other.close();
    writeThree().close();
    truncateSync(join(folder, 'shard-00000.bin'), 2000);
    const anew = new DatasetWriter(folder, header);
    expect(anew.has('a')).toBe(false);
    anew.close();
  });

  it('leaves no dataset that could be opened', () => {
    writeThree().close();
    expect(() => openDataset(folder)).toThrow('the dataset was not finished. Run the command');
  });
});

describe('opening', () => {
  const opening = () => openDataset(folder);

  it.each([
    ['missing', () => undefined, 'there is no dataset here'],
    [
      'with a broken index',
      () => {
        truncateSync(join(folder, 'index.json'), 50);
      },
      'the index is not JSON',
    ],
    [
      'of another format',
      () => {
        writeFileSync(join(folder, 'index.json'), '{}');
      },
      'not of the format fermata-dataset-1',
    ],
    [
      'without its shard',
      () => {
        rmSync(join(folder, 'shard-00000.bin'));
      },
      'the shard is missing',
    ],
    [
      'with half of its shard',
      () => {
        truncateSync(join(folder, 'shard-00000.bin'), 9);
      },
      '9 bytes instead of 3003',
    ],
    [
      'with half of its shard overwritten',
      () => {
        const descriptor = openSync(join(folder, 'shard-00000.bin'), 'r+');
        writeSync(descriptor, Buffer.alloc(1500), 0, 1500, 1503);
        closeSync(descriptor);
      },
      'shard-00000.bin: 2 of its 3 pieces are damaged, such as b.',
    ],
    [
      'with other splits in its index',
      () => {
        const path = join(folder, 'index.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"split": "train"', '"split": "test"'));
      },
      'the index does not have its fingerprint',
    ],
  ])('a dataset that is %s says so in one line', (kind, harm, message) => {
    if (kind !== 'missing') writeThree().finish().close();
    harm();
    expect(opening).toThrow(UserError);
    expect(opening).toThrow(message);
    expect(opening).not.toThrow('\n');
  });

  it('compares pieces with their hashes once, until a shard changes', () => {
    writeThree().finish().close();
    const shard = join(folder, 'shard-00000.bin');
    const reads = jest.spyOn(fs, 'readSync');
    const hashed = () => {
      reads.mockClear();
      opening().close();
      return reads.mock.calls.length;
    };
    expect(hashed()).toBe(0);
    utimesSync(shard, new Date(), new Date(Date.now() + 5000));
    expect(hashed()).toBe(3);
    expect(hashed()).toBe(0);
    rmSync(join(folder, 'verified.json'));
    expect(hashed()).toBe(3);
    reads.mockRestore();
  });

  it('says so when the folder cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new DatasetWriter(join(folder, 'file', 'data'), header)).toThrow(UserError);
  });
});

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}
