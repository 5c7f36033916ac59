import { UserError } from '@fermata/core';
import type { ModelFacts } from '@fermata/models';

/** A use of a model. */
export type ModelRole = 'codes' | 'reconstruction' | 'prior';

/**
 * Checks that a model has the wanted role.
 *
 * @param name name of the model in the error: `Row 2.1`
 * @throws UserError for a model of another role
 */
export function requireRole(
  name: string,
  { isLevel, isPrior, codebookSize }: Pick<ModelFacts, 'isLevel' | 'isPrior' | 'codebookSize'>,
  role: ModelRole,
): void {
  if (role === 'prior') {
    if (isPrior) return;
    throw new UserError(
      `${name} is an autoencoder: it cannot draw from nothing.`,
      'Choose a prior, such as row 2.1, or a system, such as 3.4; `fermata reconstruct` takes a recording.',
    );
  }
  if (!isLevel) {
    const lacks = role === 'codes' ? 'it has no codes' : 'it reconstructs nothing';
    throw new UserError(`${name} is not an autoencoder: ${lacks}.`, 'Choose another model.');
  }
  if (role === 'codes' && codebookSize === null) {
    throw new UserError(`${name} has a continuous bottleneck: it has no codes.`, 'Choose another model.');
  }
}
