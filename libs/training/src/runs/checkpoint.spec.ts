import { UserError } from '@fermata/core';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadNewestCheckpoint, removeCheckpointsAfter, saveCheckpoint } from './checkpoint';
import type { Checkpoint } from './checkpoint';

const checkpoint = (step: number): Checkpoint => ({
  step,
  tensors: new Map([['weights/kernel', { shape: [2], values: Float32Array.of(step, 0.1) }]]),
  metadata: { note: `after ${step}` },
});
const file = (step: number) => join(folder, `step-00000000${step}.safetensors`);
const silent = (message: string): never => {
  throw new Error(message);
};
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'fermata-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

describe('checkpoints', () => {
  it('load as they were saved, and the two newest are kept', () => {
    expect(loadNewestCheckpoint(folder, silent)).toBeUndefined();
    for (const step of [1, 2, 3]) saveCheckpoint(folder, checkpoint(step));
    expect(fs.readdirSync(folder)).toEqual(['step-000000002.safetensors', 'step-000000003.safetensors']);
    expect(loadNewestCheckpoint(folder, silent)).toEqual(checkpoint(3));
  });

  it('are skipped with a warning if damaged anywhere', () => {
    saveCheckpoint(folder, checkpoint(1));
    saveCheckpoint(folder, checkpoint(2));
    const whole = fs.readFileSync(file(2));
    const damages = Array.from(whole, (_, position) => {
      const damaged = Buffer.from(whole);
      damaged[position] ^= 1;
      return damaged;
    });
    for (const damaged of [
      ...damages,
      whole.subarray(0, -1),
      Buffer.concat([whole, Buffer.of(0)]),
      Buffer.alloc(0),
    ]) {
      fs.writeFileSync(file(2), damaged);
      const warnings: string[] = [];
      expect(loadNewestCheckpoint(folder, (message) => warnings.push(message))).toEqual(checkpoint(1));
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(file(2));
      expect(warnings[0]).toContain('Going back to that of step 1.');
    }
    fs.writeFileSync(file(2), whole);
    expect(loadNewestCheckpoint(folder, silent)).toEqual(checkpoint(2));
  });

  it('are left as they were when the disk is full', () => {
    saveCheckpoint(folder, checkpoint(1));
    const write = jest.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    expect(() => {
      saveCheckpoint(folder, checkpoint(2));
    }).toThrow(UserError);
    write.mockRestore();
    expect(fs.readdirSync(folder)).toEqual(['step-000000001.safetensors']);
    expect(loadNewestCheckpoint(folder, silent)).toEqual(checkpoint(1));
  });

  it('of later steps are removed with unfinished files', () => {
    for (const step of [1, 2]) saveCheckpoint(folder, checkpoint(step));
    fs.writeFileSync(`${file(3)}.123.tmp`, 'half');
    removeCheckpointsAfter(folder, 1);
    expect(fs.readdirSync(folder)).toEqual(['step-000000001.safetensors']);
  });
});
