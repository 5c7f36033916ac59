/** A hop-8 VQ-VAE and a large WaveNet on its codes: two levels. */
export const row = {
  id: '3.4',
  title: 'hop-8 VQ-VAE + large WaveNet',
  /** Rows whose models turn codes into the sequence below, top level first. */
  levels: ['1.2'],
  /** The row of the unconditional WaveNet on the top codes. */
  prior: '2.1',
  paper: { receptiveFieldMs: 3072, fidelity: 3.79, musicality: 3.04 },
} as const;
