import { UserError } from '@fermata/core';
import { abortOnInterrupt } from '@fermata/training';
import { Command, CommanderError } from 'commander';

import { doctorCommand } from './commands/doctor';
import { ingestCommand } from './commands/ingest';
import { paperCommand } from './commands/paper';
import { renderCommand } from './commands/render';

/** Exit status after Ctrl-C, as shells have it: 128 + SIGINT. */
const interruptedStatus = 130;

/**
 * The command `fermata`.
 *
 * @param args the words after `fermata`
 * @returns the exit status: 0 where all is well, 1 after an error, 130 after Ctrl-C
 */
export async function run(args: readonly string[]): Promise<number> {
  const interrupt = abortOnInterrupt(() => {
    console.error('\nStopping: saving what is done (Ctrl-C again to stop at once) …');
  });
  try {
    await program(interrupt.signal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, interrupt.signal);
  } finally {
    interrupt.dispose();
  }
}

function program(signal: AbortSignal): Command {
  const fermata = new Command('fermata')
    .description(
      'Generate piano music as raw audio, and regenerate the tables and figures of Dieleman et al. (2018).',
    )
    .exitOverride();
  for (const command of [paperCommand(signal), ingestCommand(signal), renderCommand(), doctorCommand()]) {
    fermata.addCommand(command.exitOverride());
  }
  return fermata;
}

function report(error: unknown, signal: AbortSignal): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (signal.aborted) {
    console.error('Stopped. What is done is kept: the same command goes on where this one stopped.');
    return interruptedStatus;
  }
  console.error(error instanceof UserError ? `fermata: ${error.message}` : error);
  return 1;
}
