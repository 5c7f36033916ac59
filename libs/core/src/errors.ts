/**
 * An error that the user can mend: bad input, a typo in an option, a full disk. It is printed as one line,
 * `problem remedy`, without a stack, and ends the command with exit status 1. Every other error is a defect of
 * Fermata and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  /**
   * @param problem what is wrong, naming the file or option: `take.wav: the file is empty.`
   * @param remedy what to do about it: `Record it again or remove it from the folder.`
   */
  constructor(
    readonly problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${problem} ${remedy}`, options);
  }
}
