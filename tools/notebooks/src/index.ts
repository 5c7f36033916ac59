export { checkDeclarations } from './checkDeclarations';
export { countOutputs, missingOutputs } from './executedNotebook';
export { runNotebook } from './runNotebook';
