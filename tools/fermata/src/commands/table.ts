import {
  readRecordedRows,
  recordedTables,
  rowsOfTable,
  runTable,
  scaleNamed,
  summarise,
  tableNames,
  type ResultsPlace,
  type Row,
  type RowSummary,
} from '@fermata/experiments';
import { UserError } from '@fermata/core';
import { tableToText } from '@fermata/report';
import { defaultConcurrency } from '@fermata/training';
import { Argument, Command } from 'commander';

import { backendOption, useBackend } from '../backend';
import { checkpointOption, useCheckpointMinutes } from '../checkpointOption';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { integer, integers, threadCount } from '../options';
import { userPath } from '../paths';
import { resultsFolder, resultsPlace, withResultsOptions, type ResultsOptions } from '../resultsPlace';
import { sayJson } from '../say';

interface TableCommandOptions extends ResultsOptions {
  readonly run?: boolean;
  readonly data?: string[];
  readonly rows?: string[];
  readonly seeds: number[];
  readonly jobs: number;
  readonly threads?: number;
  readonly audio?: number;
  readonly checkpointMinutes?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

/** `fermata table`: a table of the paper from recorded results, or from training its rows. */
export function tableCommand(): Command {
  const command = new Command('table')
    .summary('Print a table of the paper from recorded results, or train its rows.')
    .description(
      'Print a table of the paper from recorded results. ' +
        'With --run, train its rows and record their results one by one, without training a trained row again.',
    )
    .addArgument(new Argument('<table>', 'number of the table').choices(tableNames));
  return withResultsOptions(command)
    .option('--run', 'train the rows, and record their results')
    .option('--rows <id...>', 'rows to print or train; else the whole table, including ablations')
    .option('--seeds <numbers>', 'with --run: seeds, with one training each', integers({ least: 0 }), [1])
    .option('--data <path...>', 'with --run: recordings, files or folders; else the built-in corpus')
    .option(
      '--jobs <number>',
      'with --run: processes at a time',
      integer({ least: 1 }),
      defaultConcurrency(1),
    )
    .option(
      '--threads <number>',
      'with --run: threads of each process (also FERMATA_THREADS); else the processes share all processors',
      threadCount,
    )
    .option(
      '--audio <number>',
      'with --run: number of excerpts per training to keep as audio beside the results',
      integer({ least: 1 }),
    )
    .addOption(checkpointOption())
    .addOption(backendOption())
    .option('--json', 'print the rows as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata table 1 --scale small' +
        '\n  fermata table 1 --scale smoke --run --data ~/piano --results ~/piano-results --rows 1.1 1.2 --seeds 1,2',
    )
    .action(async (table: string, options: TableCommandOptions, self: Command) => {
      if (options.run !== true) requireRun(self);
      const rows = chosenRows(rowsOfTable(table), options.rows);
      const place = options.run === true ? await train(rows, options) : resultsPlace(options);
      const summaries = summarise(
        readRecordedRows(place).filter(({ row }) => rows.some(({ id }) => id === row)),
        scaleNamed(place.scale),
      );
      if (summaries.length === 0) {
        throw new UserError(
          `${place.folder}: no results of ${rows.map(({ id }) => `#${id}`).join(', ')} at scale ${place.scale} on ${place.data}.`,
          'Record some with --run, or choose other --rows.',
        );
      }
      if (options.json === true) {
        const json = rows.flatMap((row) =>
          summaries.filter(({ id }) => id === row.id).map((summary) => machineRow(row, summary)),
        );
        sayJson({ table, scale: place.scale, data: place.data, rows: json });
        return;
      }
      const tables = recordedTables({ rows, summaries, data: place.data, scale: scaleNamed(place.scale) });
      console.log(tables.map((each) => tableToText(each)).join('\n'));
    });
}

/** Options that only training reads. */
const ofTraining = ['seeds', 'data', 'jobs', 'threads', 'audio', 'checkpointMinutes', 'backend'];

/** @throws UserError for an option without effect */
function requireRun(command: Command): void {
  const idle = command.options.find(
    (option) =>
      ofTraining.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (idle === undefined) return;
  throw new UserError(
    `${idle.long} has no effect without --run: the command then trains nothing.`,
    `Add --run, or leave out ${idle.long}.`,
  );
}

/** Trains the rows. @returns the place of their results */
async function train(rows: readonly Row[], options: TableCommandOptions): Promise<ResultsPlace> {
  useCheckpointMinutes(options.checkpointMinutes);
  const backend = await useBackend(options.backend);
  const data = options.data?.map(userPath);
  const results = resultsFolder(options);
  let filedUnder = '';
  await interruptible(async (display, signal) => {
    display.print(
      `Scale ${options.scale}, backend ${backend.name}, ${options.jobs} jobs at a time; results go to ${results}`,
    );
    filedUnder = await runTable({
      scale: scaleNamed(options.scale),
      rows,
      seeds: options.seeds,
      data,
      results,
      name: options.name,
      concurrency: options.jobs,
      threads: options.threads,
      audio: options.audio,
      ...showJobs(display),
      onRecorded: (file) => {
        display.print(`Recorded ${file}`);
      },
      signal,
    });
  });
  return { folder: results, scale: options.scale, data: filedUnder };
}

function chosenRows(rows: readonly Row[], ids: readonly string[] | undefined): readonly Row[] {
  if (ids === undefined) return rows;
  return ids.map((id) => {
    const row = rows.find((candidate) => candidate.id === id);
    if (row === undefined) {
      throw new UserError(
        `--rows: the table has no row ${id}.`,
        `Choose among ${rows.map((candidate) => candidate.id).join(', ')}.`,
      );
    }
    return row;
  });
}

// Measures that some rows lack, so that every key is present.
const nothingMeasured = Object.fromEntries(
  [
    ...['perplexity', 'oneSecondPerplexity', 'codesInUse', 'shuffledNll', 'shuffledPastNll'],
    ...['logSpectralDistance', 'loudnessDeviation'],
  ].map((name) => [name, null]),
);

/** A row over all seeds: means, each with half its 95% interval beside it. */
function machineRow({ id, heading, paper }: Row, summary: RowSummary): object {
  const flat = Object.entries(summary).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null || !('mean' in value)) return [[name, value]];
    const { mean, error } = value as { mean: number; error?: number };
    return [[name, mean], ...(error === undefined ? [] : [[`${name}Error`, error]])];
  });
  return {
    id,
    ...(heading && { heading }),
    ...nothingMeasured,
    ...(Object.fromEntries(flat) as object),
    ...(paper && { paper }),
  };
}
