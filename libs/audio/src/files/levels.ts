import { UserError } from '@fermata/core';

import { damaged, type AudioBlock } from './format';

// Louder samples are not audio of full scale 1, but most likely integers stored as floats.
const loudest = 16;
// Below this level, −80 dBFS, all samples have the same code in 8-bit mu-law.
const silence = 1e-4;
// A run of so many equal samples, at least this loud, is a peak that was cut off.
const shortestFlat = 3;
const flatLevel = 0.99;
// Shares of the samples from which on clipping, and a mix much softer than its channels, are worth a word.
const clippedShare = 1e-4;
const cancelledShare = 1e-3;

/** Measures the level of a recording while it is decoded, block by block. */
export class LevelMeter {
  private samples = 0;
  private peak = 0;
  private mixPeak = 0;
  private over = 0;
  private flat = 0;
  private channelEnergy = 0;
  private mixEnergy = 0;
  private readonly runs: { value: number; length: number }[] = [];

  /** @param path the recording, for errors */
  constructor(private readonly path: string) {}

  /**
   * Measures a block.
   *
   * @param mix the mean of its channels, `[time]`
   * @throws UserError at the first sample that is not a number, or far beyond full scale
   */
  add({ channels, sampleRate }: AudioBlock, mix: Float32Array): void {
    channels.forEach((samples, channel) => {
      const run = (this.runs[channel] ??= { value: 0, length: 0 });
      for (let t = 0; t < samples.length; t++) {
        const level = Math.abs(samples[t]);
        if (!(level <= loudest)) this.refuse(samples[t], this.samples + t, channel, sampleRate);
        if (level > this.peak) this.peak = level;
        this.channelEnergy += level * level;
        if (level < flatLevel) continue;
        if (level > 1) this.over++;
        else this.addFlat(run, samples[t], t > 0 ? samples[t - 1] : run.value);
      }
      run.value = samples[samples.length - 1];
    });
    for (const sample of mix) {
      this.mixEnergy += sample * sample * channels.length;
      this.mixPeak = Math.max(this.mixPeak, Math.abs(sample));
    }
    this.samples += mix.length;
  }

  /** True if channels cancel each other out in the mix, as in antiphase. */
  get cancels(): boolean {
    return this.peak >= silence && this.mixEnergy < cancelledShare * this.channelEnergy;
  }

  /** @throws UserError if nothing rises above −80 dBFS in the channels */
  assertAudible(): void {
    if (this.peak >= silence) return;
    throw new UserError(
      `${this.path}: the recording is silent (nothing rises above -80 dBFS).`,
      'Remove it, or record it again.',
    );
  }

  /** Sentences, without the name of the recording, on samples beyond full scale and on clipped peaks. */
  notes(): string[] {
    const total = this.samples * this.runs.length;
    const notes: string[] = [];
    if (this.over > 0) {
      const decibels = (20 * Math.log10(this.peak)).toFixed(1);
      notes.push(
        `its samples rise to ${this.peak.toFixed(2)} of full scale, ${decibels} dB over: ` +
          `${percent(this.over / total)} of them are cut off at full scale`,
      );
    }
    if (this.flat >= clippedShare * total) {
      notes.push(`${percent(this.flat / total)} of its samples are clipped: their peaks are flat`);
    }
    return notes;
  }

  private addFlat(run: { value: number; length: number }, sample: number, before: number): void {
    run.length = sample === before ? run.length + 1 : 1;
    if (run.length === shortestFlat) this.flat += shortestFlat;
    else if (run.length > shortestFlat) this.flat++;
  }

  private refuse(sample: number, t: number, channel: number, sampleRate: number): never {
    const place = `at ${(t / sampleRate).toFixed(2)} s of channel ${channel + 1}`;
    if (Number.isNaN(sample)) throw damaged(this.path, `a sample is not a number (NaN), ${place}`);
    throw new UserError(
      `${this.path}: a sample is ${sample.toPrecision(3)}, ${place}; full scale is 1.`,
      'Export it again as 16-bit PCM, or as floats between -1 and 1.',
    );
  }
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`;
}
