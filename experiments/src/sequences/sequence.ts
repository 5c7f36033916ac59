import { audioRate, describeRow, rowNamed, sequenceSymbols, type Row, type Sequence } from '../rows';
import type { Scale } from '../scales';

/** The facts about a sequence at a scale. */
export interface SequenceFacts {
  /** Bits of mu-law of the audio at the bottom. */
  readonly bits: number;
  /** Rows that make the sequence from audio, level 1 first; none for audio itself. */
  readonly levels: readonly Row[];
  /** Size of the alphabet. */
  readonly symbols: number;
  /** Timesteps of audio that a symbol stands for: the product of the levels' hops. */
  readonly samplesPerSymbol: number;
  /** Symbols per second. */
  readonly rate: number;
}

/** Facts about a sequence, from the rows below it. */
export function sequenceOf(sequence: Sequence, scale: Scale): SequenceFacts {
  const levels = levelsBelow(sequence);
  const samples = samplesPerSymbol(sequence, scale);
  return {
    bits: sequenceBits(sequence),
    levels,
    symbols: sequenceSymbols(sequence, scale),
    samplesPerSymbol: samples,
    rate: audioRate / samples,
  };
}

/** The rows that make a sequence from audio, level 1 first; none for audio itself. */
export function levelsBelow(sequence: Sequence): readonly Row[] {
  return sequence.kind === 'audio' ? [] : levelsOf(rowNamed(sequence.of));
}

/** A row with the rows below it, level 1 first. */
export function levelsOf(row: Row): readonly Row[] {
  return [...levelsBelow(row.sequence), row];
}

/** Timesteps of audio that a symbol of a sequence stands for. */
export function samplesPerSymbol(sequence: Sequence, scale: Scale): number {
  return levelsBelow(sequence).reduce((product, row) => product * describeRow(row, scale).hop, 1);
}

/** Names a sequence in words: `waveform`, `codes of #1.2`. */
export function sequenceTitle(sequence: Sequence): string {
  return sequence.kind === 'audio' ? 'waveform' : `codes of #${sequence.of}`;
}

/** Name of a sequence's symbol, for units: `nats per code`. */
export function symbolName(sequence: Sequence): 'timestep' | 'code' {
  return sequence.kind === 'audio' ? 'timestep' : 'code';
}

/** Bits of mu-law of the audio at the bottom of a sequence. */
export function sequenceBits(sequence: Sequence): number {
  return sequence.kind === 'audio' ? sequence.bits : sequenceBits(rowNamed(sequence.of).sequence);
}
