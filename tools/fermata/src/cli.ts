import { UserError } from '@fermata/core';
import { Command, CommanderError } from 'commander';

import { benchCommand } from './commands/bench';
import { claimsCommand } from './commands/claims';
import { doctorCommand } from './commands/doctor';
import { encodeCommand } from './commands/encode';
import { ingestCommand } from './commands/ingest';
import { paperCommand } from './commands/paper';
import { planCommand } from './commands/plan';
import { reconstructCommand } from './commands/reconstruct';
import { renderCommand } from './commands/render';
import { tableCommand } from './commands/table';
import { trainCommand } from './commands/train';
import { InterruptedError } from './interruptible';

/** Exit status after Ctrl-C, as shells have it: 128 + SIGINT. */
const interruptedStatus = 130;

/**
 * The command `fermata`.
 *
 * @param args the words after `fermata`
 * @returns the exit status: 0 where all is well, 1 after an error, 130 after Ctrl-C
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error);
  }
}

function program(): Command {
  const fermata = explainMistakes(new Command('fermata'))
    .description(
      'Generate piano music as raw audio, and make tables and figures of Dieleman et al. (2018) again.',
    )
    // Names alone: with their arguments there is no room for what they do.
    .configureHelp({ subcommandTerm: (command) => command.name() });
  for (const command of [
    paperCommand(),
    tableCommand(),
    claimsCommand(),
    planCommand(),
    trainCommand(),
    encodeCommand(),
    reconstructCommand(),
    ingestCommand(),
    renderCommand(),
    doctorCommand(),
    benchCommand(),
  ]) {
    fermata.addCommand(explainMistakes(command));
  }
  return fermata;
}

// A mistake in the options is one line like every other; commander has its suggestion on a line of its own.
function explainMistakes(command: Command): Command {
  command.commands.forEach(explainMistakes);
  return command.exitOverride().configureOutput({
    outputError: (text, write) => {
      const problem = text
        .replace(/^error: /, '')
        .replace(/\n\((.*)\)/, '. $1')
        .trim()
        .replace(/(?<![.?])$/, '.');
      write(`fermata: ${problem} See \`${fullName(command)} --help\`.\n`);
    },
  });
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** Says what went wrong, in one line where the user can mend it, and returns the exit status. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof InterruptedError) return interruptedStatus;
  console.error(error instanceof UserError ? `fermata: ${error.message}` : error);
  return 1;
}
