import type { RandomKey } from '@fermata/core';

import { ArgmaxQuantiser, type ArgmaxQuantiserConfig } from './argmaxQuantiser';
import { ContinuousQuantiser, type ContinuousQuantiserConfig } from './continuousQuantiser';
import { FiniteScalarQuantiser, type FiniteScalarQuantiserConfig } from './finiteScalarQuantiser';
import type { Quantiser } from './quantiser';
import { VectorQuantiser, type VectorQuantiserConfig } from './vectorQuantiser';

export type QuantiserConfig =
  VectorQuantiserConfig | ArgmaxQuantiserConfig | FiniteScalarQuantiserConfig | ContinuousQuantiserConfig;

/**
 * Creates the quantiser of a configuration.
 *
 * @throws RangeError for an unknown kind, or for values that the constructor of the quantiser rejects
 */
export function createQuantiser(config: QuantiserConfig, key: RandomKey): Quantiser {
  switch (config.kind) {
    case 'vq':
      return new VectorQuantiser(config, key);
    case 'argmax':
      return new ArgmaxQuantiser(config);
    case 'fsq':
      return new FiniteScalarQuantiser(config);
    case 'continuous':
      return new ContinuousQuantiser(config);
    default: {
      const { kind } = config as { kind: unknown };
      throw new RangeError(
        `quantiser.kind is ${String(kind)}, but must be one of vq, argmax, fsq, continuous`,
      );
    }
  }
}
