import { join } from 'node:path';

/** Node options that let a child process of a spec run TypeScript sources, as jest does for the spec itself. */
export const fromSources: readonly string[] = ['--require', join(__dirname, '..', 'register.js')];
