/**
 * An error that the user can fix: bad input, a typo in an option, a full disk. The command prints it as one line,
 * `problem remedy`, without a stack, and exits with status 1. Every other error is a defect of Fermata and keeps its
 * stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  /**
   * @param problem the problem, with the name of the file or option: `take.wav: the file is empty.`
   * @param remedy the way to fix it: `Record it again or remove it from the folder.`
   */
  constructor(
    readonly problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${problem} ${remedy}`, options);
  }
}
