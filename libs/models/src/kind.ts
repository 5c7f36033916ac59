import type { RandomKey } from '@fermata/core';
import type { z } from 'zod';

import type { ModelSize } from './cost';
import type { StepValues } from './memory';
import type { Context, Model } from './model';

/** The facts about a model that follow from its config, without making weights. */
export interface ModelFacts extends ModelSize {
  /** Size of the alphabet of the sequence. */
  readonly symbols: number;
  /** Hop h, timesteps for each code; 1 for a model without codes. */
  readonly hop: number;
  /** Size k of the alphabet of the codes; null for a model without codes. */
  readonly codebookSize: number | null;
  /** Roles of the model in generation. */
  readonly isPrior: boolean;
  readonly isLevel: boolean;
  /** Timesteps before and after a symbol that its NLL depends on, including encoder and codes. */
  readonly context: Context;
  /** Receptive field r: the symbols before a prediction that the autoregressive path sees. */
  readonly receptiveField: number;
  /** Timesteps that a query of the encoder sees; null for a model without encoder. */
  readonly encoderReceptiveField: number | null;
  readonly values: StepValues;
}

/**
 * Description of one kind of model, kept beside the model. A new kind is one new file with such a description and one
 * entry in the experiments' list of kinds.
 *
 * @typeParam C the config, plain JSON, which identifies runs and determines the model that a checkpoint is loaded into
 */
export interface ModelKind<C extends object> {
  readonly name: string;
  /** Declares every setting of the config: type, default, range, meaning. */
  readonly settings: z.ZodType<C>;
  /** Paths of settings that distinguish rows, and that a row's user cannot change. */
  readonly fixed: readonly string[];
  /** Creates a model with fresh weights. @throws UserError for a config that breaks a rule */
  create(config: C, key: RandomKey): Model;
  /** Describes a model. @throws UserError for a config that breaks a rule */
  describe(config: C): ModelFacts;
}
