export { checkDeclarations } from './checkDeclarations';
export { countOutputs, lateFailure, missingOutputs } from './executedNotebook';
export { runNotebook } from './runNotebook';
