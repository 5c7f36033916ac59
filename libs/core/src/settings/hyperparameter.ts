import type { z } from 'zod';

import { parseSettings } from './parseSettings';

/**
 * A number that a trainer may change between steps, such as α of a codebook or the learning rate. It is state:
 * checkpoints keep it, and population based training can set it. Its initial value is a setting, part of the name of
 * the run.
 */
export class Hyperparameter {
  private current: number;

  /**
   * @param schema declaration of the setting with the initial value
   * @throws UserError for a value that the declaration does not allow
   */
  constructor(
    private readonly schema: z.ZodType<number>,
    value: number,
  ) {
    this.current = parseSettings(schema, value, 'a hyper-parameter');
  }

  get value(): number {
    return this.current;
  }

  /**
   * Sets the value.
   *
   * @param name path of the hyper-parameter, for the error
   * @throws UserError for a value that its setting does not allow
   */
  set(value: number, name: string): void {
    this.current = parseSettings(this.schema, value, name);
  }
}
