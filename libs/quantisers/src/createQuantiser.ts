import type { RandomKey } from '@fermata/core';

import { ArgmaxQuantiser, type ArgmaxQuantiserConfig } from './argmaxQuantiser';
import type { Quantiser } from './quantiser';
import { VectorQuantiser, type VectorQuantiserConfig } from './vectorQuantiser';

export type QuantiserConfig = VectorQuantiserConfig | ArgmaxQuantiserConfig;

/**
 * The quantiser that a configuration names.
 *
 * @throws RangeError for a kind that is none, and as the quantisers' constructors do
 */
export function createQuantiser(config: QuantiserConfig, key: RandomKey): Quantiser {
  switch (config.kind) {
    case 'vq':
      return new VectorQuantiser(config, key);
    case 'argmax':
      return new ArgmaxQuantiser(config);
    default: {
      const { kind } = config as { kind: unknown };
      throw new RangeError(`quantiser.kind is ${String(kind)}, but must be vq or argmax`);
    }
  }
}
