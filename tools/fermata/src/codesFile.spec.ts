import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { OpenedModel } from '@fermata/experiments';

import { readCodes, writeCodes } from './codesFile';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const path = join(folder, 'codes.json');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const facts = { row: '1.2', run: 'abc', hop: 8, codebookSize: 300, rate: 16000 };

describe('a file of codes', () => {
  it('is JSON, written in parts, and read again', () => {
    const opened = {
      card: { row: '1.2', run: 'abc' },
      below: [],
      model: { codebookSize: 300, asLevel: () => ({ hop: 8 }) },
    } as unknown as OpenedModel;
    const codes = Uint16Array.from({ length: 150_000 }, (_, i) => (i * i) % 300);
    const text = [...writeCodes(opened, codes)].join('');
    expect(JSON.parse(text)).toEqual({ ...facts, codes: [...codes] });
    writeFileSync(path, text);
    const found = readCodes(path);
    expect({ ...found, codes: undefined }).toEqual({ ...facts, codes: undefined });
    expect([...found.codes]).toEqual([...codes]);
  });

  it.each([
    ['in another order and form', JSON.stringify({ codes: [0, 299, 7], ...facts }, undefined, 2)],
    ['in bytes', JSON.stringify({ ...facts, codebookSize: 300, codes: [0, 299, 7] })],
  ])('may be written %s', (_, text) => {
    writeFileSync(path, text);
    expect([...readCodes(path).codes]).toEqual([0, 299, 7]);
  });

  it.each<[string, string, string]>([
    [
      'a code outside its codebook',
      JSON.stringify({ ...facts, codes: [1, 300] }),
      'code 300 is outside its codebook of 300.',
    ],
    [
      'a code of many digits',
      JSON.stringify({ ...facts, codes: [1] }).replace('[1]', '[18446744073709551617]'),
      'is outside its codebook',
    ],
    [
      'a negative code',
      JSON.stringify({ ...facts, codes: [1, -1] }),
      'codes.1 is -1. It must be a whole number from 0.',
    ],
    ['no codes', JSON.stringify({ ...facts, codes: [] }), 'codes'],
    ['an empty place', JSON.stringify({ ...facts, codes: [1, 2] }).replace('1,2', '1,,2'), 'not JSON.'],
    ['half of its text', JSON.stringify({ ...facts, codes: [1, 2] }).slice(0, -4), 'not JSON.'],
    ['bytes of audio', 'RIFF\0\0', 'not JSON.'],
  ])('with %s is refused', (_, text, message) => {
    writeFileSync(path, text);
    expect(() => readCodes(path)).toThrow(message);
  });
});
