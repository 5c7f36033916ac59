import { sha256 } from '@fermata/core';

import type { Symbols } from '@fermata/data';
import { decodeMuLaw } from '../mulaw';
import { paddingSeconds } from './copies';

/** A recording that others are compared with. */
interface Known {
  readonly id: string;
  readonly length: number;
  readonly levels: Float32Array;
  /** Reads the symbols `[time]` of the whole recording. */
  readonly symbols: () => Symbols;
}

// Shorter music has too little to compare but its symbols.
const shortestSeconds = 1;
// Levels are compared in so many parts of equal length. Louder ones than this, below the whole, count.
const levelParts = 48;
const quietest = -40;
const mostLevelDifference = 3;
// So many excerpts are correlated, of a second or less, at one delay but for a few samples.
const excerpts = 3;
const excerptSeconds = 1;
const leastCorrelation = 0.985;
const delayTolerance = 2;
// Weight of the sample before in the filter that takes out hum, which all recordings of a room share.
const emphasis = 0.95;

/**
 * Recognises recordings that have come before, in whatever file and format: by the same symbols, or by waves that coincide
 * up to the losses of a codec. Two takes of one piece, however alike, do not coincide wave by wave.
 */
export class KnownSounds {
  private readonly byHash = new Map<string, string>();
  private readonly known: Known[] = [];
  /** Sample of each symbol. */
  private readonly samples: Float32Array;

  /**
   * @param rate symbols per second
   * @param alphabet size of the mu-law alphabet
   */
  constructor(
    private readonly rate: number,
    alphabet: number,
  ) {
    this.samples = decodeMuLaw(
      Int32Array.from({ length: alphabet }, (_, symbol) => symbol),
      alphabet,
    );
  }

  /**
   * Finds an earlier recording with the same sound, or else remembers this one.
   *
   * @param symbols `[time]`, mu-law codes of the whole recording
   * @param again reads the same symbols later
   * @returns the id of the earlier recording
   */
  findOrAdd(id: string, symbols: Symbols, again: () => Symbols): string | undefined {
    const hash = sha256(new Uint8Array(symbols.buffer, symbols.byteOffset, symbols.byteLength));
    const same = this.byHash.get(hash);
    if (same !== undefined) return same;
    this.byHash.set(hash, id);
    if (symbols.length < shortestSeconds * this.rate) return undefined;

    const levels = this.levelsOf(symbols);
    const alike = this.known.find(
      (one) =>
        Math.abs(one.length - symbols.length) <= paddingSeconds * this.rate &&
        meanDifference(one.levels, levels) < mostLevelDifference &&
        this.coincide(one.symbols(), symbols),
    );
    if (alike === undefined) this.known.push({ id, length: symbols.length, levels, symbols: again });
    return alike?.id;
  }

  /** Level of each part of equal length, in decibels below the whole. */
  private levelsOf(symbols: Symbols): Float32Array {
    const bounds = Array.from({ length: levelParts + 1 }, (_, part) =>
      Math.floor((part * symbols.length) / levelParts),
    );
    const powers = bounds.slice(1).map((to, part) => this.powerOf(symbols, bounds[part], to));
    const whole = powers.reduce((sum, power) => sum + power, 0) / levelParts;
    return Float32Array.from(powers, (power) => Math.max(quietest, 10 * Math.log10(power / whole || 1e-9)));
  }

  private powerOf(symbols: Symbols, from: number, to: number): number {
    const wave = this.waveOf(symbols, from, to);
    return wave.reduce((sum, sample) => sum + sample ** 2, 0) / Math.max(1, wave.length);
  }

  /** Samples of a part, with low frequencies weakened. */
  private waveOf(symbols: Symbols, from: number, to: number): Float32Array {
    const wave = new Float32Array(to - from);
    for (let t = from; t < to; t++) {
      wave[t - from] = this.samples[symbols[t]] - emphasis * this.samples[symbols[Math.max(0, t - 1)]];
    }
    return wave;
  }

  /** Tells whether the loudest excerpt of each third of two recordings is the same, at one delay. */
  private coincide(a: Symbols, b: Symbols): boolean {
    const most = Math.round(paddingSeconds * this.rate);
    const third = Math.floor((b.length - 2 * most) / excerpts);
    const length = Math.min(Math.round(excerptSeconds * this.rate), Math.floor(third / 2));
    const starts = Array.from({ length: excerpts }, (_, index) =>
      this.loudest(b, most + index * third, most + (index + 1) * third, length),
    );
    let [least, greatest] = [-most, most];
    return starts.every((start) => {
      const { correlation, delay } = this.bestDelay(a, b, start, length, least, greatest);
      [least, greatest] = [delay - delayTolerance, delay + delayTolerance];
      return correlation >= leastCorrelation;
    });
  }

  private loudest(symbols: Symbols, from: number, to: number, length: number): number {
    const starts: number[] = [];
    for (let start = from; start + length <= to; start += length / 2) starts.push(Math.floor(start));
    const powers = starts.map((start) => this.powerOf(symbols, start, start + length));
    return starts[powers.indexOf(Math.max(...powers))];
  }

  /** Delay of `a` behind `b`, in symbols, at which an excerpt of `b` has the highest correlation with `a`. */
  private bestDelay(a: Symbols, b: Symbols, start: number, length: number, least: number, greatest: number) {
    const excerpt = this.waveOf(b, start, start + length);
    const [from, to] = [Math.max(0, start + least), Math.min(a.length, start + length + greatest)];
    const region = this.waveOf(a, from, to);
    const energyOfExcerpt = excerpt.reduce((sum, sample) => sum + sample ** 2, 0);
    let best = { correlation: -1, delay: least };
    for (let at = 0; at + length <= region.length; at++) {
      let [product, energy] = [0, 0];
      for (let t = 0; t < length; t++) {
        product += excerpt[t] * region[at + t];
        energy += region[at + t] ** 2;
      }
      const correlation = product / Math.sqrt(energy * energyOfExcerpt || 1);
      if (correlation > best.correlation) best = { correlation, delay: from + at - start };
    }
    return best;
  }
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length;
}
