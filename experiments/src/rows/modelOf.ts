import type { ModelFacts } from '@fermata/models';

import { describeModel, type ModelConfig } from '../models';
import type { Budget, Scale } from '../scales';
import type { Row, Sequence } from './row';
import { rowNamed } from './tables';

/** Sample rate of all audio, in Hz. */
export const audioRate = 16_000;

/** A row's model at a scale. @throws RangeError if the row's sequence is codes of a row without codes */
export function modelOf(row: Row, scale: Scale): ModelConfig {
  return row.model(scale, sequenceSymbols(row.sequence, scale));
}

/** Facts about a row's model at a scale, from its config alone. */
export function describeRow(row: Row, scale: Scale): ModelFacts {
  return describeModel(modelOf(row, scale));
}

/** A row's budget at a scale. */
export function budgetOf(row: Row, scale: Scale): Budget {
  if (row.budget !== undefined) return row.budget(scale);
  return row.sequence.kind === 'audio' ? scale.audioBudget : scale.codesBudget;
}

/** Size of the alphabet of a sequence: 2 to the power of the bits for audio, the codebook's size for codes. */
export function sequenceSymbols(sequence: Sequence, scale: Scale): number {
  if (sequence.kind === 'audio') return 2 ** sequence.bits;
  const { codebookSize } = describeRow(rowNamed(sequence.of), scale);
  if (codebookSize === null) throw new RangeError(`row ${sequence.of} has no codes`);
  return codebookSize;
}
