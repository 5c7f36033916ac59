export * from './composePiece';
export type { Voice } from './accompaniment';
export type { ScoreNote } from './expression';
export type { CadenceKind } from './harmony';
export type { Motif, MotifForm } from './theme';
export { keyName, ticksPerQuarter, type Key, type Mode } from './theory';
