import { printable, UserError } from '@fermata/core';
import { Command, CommanderError } from 'commander';

import { benchCommand } from './commands/bench';
import { claimsCommand } from './commands/claims';
import { configCommand } from './commands/config';
import { decodeCommand } from './commands/decode';
import { doctorCommand } from './commands/doctor';
import { encodeCommand } from './commands/encode';
import { exportCommand } from './commands/export';
import { generateCommand } from './commands/generate';
import { ingestCommand } from './commands/ingest';
import { paperCommand } from './commands/paper';
import { planCommand } from './commands/plan';
import { reconstructCommand } from './commands/reconstruct';
import { renderCommand } from './commands/render';
import { runsCommand } from './commands/runs';
import { tableCommand } from './commands/table';
import { trainCommand } from './commands/train';
import { InterruptedError } from './interruptible';

/**
 * Runs the command `fermata`.
 *
 * @param args the words after `fermata`
 * @returns the exit status: 0 for success, 1 after an error, 128 + its number after a signal: 130 after Ctrl-C
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** The command with all its subcommands. */
export function program(): Command {
  const fermata = explainMistakes(new Command('fermata'))
    .description(
      'Generate piano music as raw audio, and regenerate the tables and figures of Dieleman et al. (2018).',
    )
    // Lists names alone: with arguments, the summaries have no room.
    .configureHelp({ subcommandTerm: (command) => command.name() });
  for (const command of [
    paperCommand(),
    tableCommand(),
    claimsCommand(),
    planCommand(),
    configCommand(),
    trainCommand(),
    runsCommand(),
    generateCommand(),
    encodeCommand(),
    decodeCommand(),
    reconstructCommand(),
    exportCommand(),
    ingestCommand(),
    renderCommand(),
    doctorCommand(),
    benchCommand(),
  ]) {
    fermata.addCommand(explainMistakes(command));
  }
  return fermata;
}

// Prints a mistake in the options as one line like any other error; commander puts its suggestion on a separate line.
function explainMistakes(command: Command): Command {
  command.commands.forEach(explainMistakes);
  return command.exitOverride().configureOutput({
    outputError: (text, write) => {
      const problem = (text.includes('missing required argument') ? withTakenWords(text, command) : text)
        .replace(/^error: /, '')
        .replace(/\n\((.*)\)/, '. $1')
        .trim()
        .replace(/(?<![.?])$/, '.');
      write(`fermata: ${printable(problem)} See \`${fullName(command)} --help\`.\n`);
    },
  });
}

// An option with several values takes all words after it, also those that were meant as arguments.
function withTakenWords(text: string, { parent, options }: Command): string {
  const words = parent?.args ?? [];
  const greedy = options.filter(({ variadic }) => variadic).map(({ long }) => long);
  const last = words.map((word) => greedy.includes(word)).lastIndexOf(true);
  const after = words.slice(last + 1);
  const next = after.findIndex((word) => word.startsWith('-'));
  const taken = (next < 0 ? after : after.slice(0, next)).slice(1).at(-1);
  if (last < 0 || taken === undefined) return text;
  return `${text.trim()}: ${words[last]} takes all words after it, also ${taken}. Put the arguments before the options.`;
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** Prints an error, in one line if the user can fix it, and returns the exit status. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof InterruptedError) return error.status;
  console.error(error instanceof UserError ? `fermata: ${printable(error.message)}` : error);
  return 1;
}
