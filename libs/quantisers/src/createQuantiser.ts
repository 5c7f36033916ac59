import { parseSettings, type RandomKey } from '@fermata/core';
import { z } from 'zod';

import { argmaxQuantiserKind, argmaxQuantiserSettings } from './argmaxQuantiser';
import { continuousQuantiserKind, continuousQuantiserSettings } from './continuousQuantiser';
import { finiteScalarQuantiserKind, finiteScalarQuantiserSettings } from './finiteScalarQuantiser';
import type { Quantiser, QuantiserFacts, QuantiserKind } from './quantiser';
import { vectorQuantiserKind, vectorQuantiserSettings } from './vectorQuantiser';

/** The bottleneck of an autoencoder, of any kind. */
export const quantiserSettings = z.discriminatedUnion('kind', [
  vectorQuantiserSettings,
  argmaxQuantiserSettings,
  finiteScalarQuantiserSettings,
  continuousQuantiserSettings,
]);
export type QuantiserConfig = Readonly<z.input<typeof quantiserSettings>>;

type Kinds = {
  readonly [K in QuantiserConfig['kind']]: QuantiserKind<Extract<QuantiserConfig, { kind: K }>>;
};

const kinds: Kinds = {
  vq: vectorQuantiserKind,
  argmax: argmaxQuantiserKind,
  fsq: finiteScalarQuantiserKind,
  continuous: continuousQuantiserKind,
};

/** The quantiser of a config, with a fresh codebook. @throws UserError for a config that breaks a rule */
export function createQuantiser(config: QuantiserConfig, key: RandomKey): Quantiser {
  return kindOf(config).create(config, key);
}

/** The facts that follow from a config. @throws UserError for a config that breaks a rule */
export function describeQuantiser(config: QuantiserConfig): QuantiserFacts {
  return kindOf(config).describe(config);
}

function kindOf(config: QuantiserConfig): QuantiserKind<QuantiserConfig> {
  const { kind } = parseSettings(quantiserSettings, config, 'quantiser');
  return kinds[kind];
}
