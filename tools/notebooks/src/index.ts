export { checkDeclarations } from './checkDeclarations';
export { lateFailure, runNotebook } from './runNotebook';
