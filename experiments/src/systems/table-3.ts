import type { System } from './system';

/** Table 3: systems that generate audio from nothing. */
export const table3: readonly System[] = [
  { id: '3.1', title: 'large WaveNet', levels: [], prior: '1.1', paper: { receptiveFieldMs: 384, fidelity: 3.82, musicality: 2.43 } }, // prettier-ignore
  { id: '3.4', title: 'hop-8 VQ-VAE + large WaveNet', levels: ['1.2'], prior: '2.1', paper: { receptiveFieldMs: 3072, fidelity: 3.79, musicality: 3.04 } }, // prettier-ignore
  { id: '3.7', title: 'VQ-VAE + AMAE + large WaveNet', levels: ['1.2', '2.4'], prior: '2.4-prior', paper: { receptiveFieldMs: 24576, fidelity: 3.93, musicality: 3.46 } }, // prettier-ignore
];
