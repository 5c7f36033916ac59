import type { Symbols } from '@fermata/data';

import type { CodesOptions, Measured } from './readRecording';

/** To the thread that reads recordings, one at a time. */
export type Request =
  | { readonly kind: 'measure'; readonly path: string }
  | { readonly kind: 'codes'; readonly path: string; readonly options: Omit<CodesOptions, 'onDecoded'> };

/** From the thread. */
export type Reply =
  /** Sent at first, with memory whose first number is 1 while the thread waits for a file system. */
  | { readonly kind: 'ready'; readonly waiting: SharedArrayBuffer }
  /** Sent every half second while the thread is not stuck. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'progress'; readonly seconds: number }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'read'; readonly codes: Symbols; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly problem: string; readonly remedy: string }
  | { readonly kind: 'failed'; readonly message: string };
