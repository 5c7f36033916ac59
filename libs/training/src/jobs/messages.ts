import type { Progress } from '@fermata/core';

/** Messages from the queue to a child process. */
export type ToChild = { readonly kind: 'start'; readonly argument: object } | { readonly kind: 'stop' };

/** Messages from a child process to the queue. */
export type FromChild =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'userError'; readonly problem: string; readonly remedy: string }
  | { readonly kind: 'error'; readonly message: string; readonly stack: string };
