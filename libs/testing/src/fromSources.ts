import { join } from 'node:path';

/** Options of Node with which a child process of a spec runs TypeScript sources, as jest does for the spec itself. */
export const fromSources: readonly string[] = ['--require', join(__dirname, '..', 'register.js')];
