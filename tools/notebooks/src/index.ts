export { checkDeclarations } from './check-declarations';
export { lateFailure, runNotebook } from './run-notebook';
