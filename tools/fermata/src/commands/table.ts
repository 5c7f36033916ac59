import {
  dataWithResults,
  readRecordedRows,
  recordedResultsFolder,
  recordedTables,
  rowsOfTable,
  runTable,
  scaleNamed,
  scaleNames,
  summarise,
  tableNames,
  type Row,
  type RowSummary,
} from '@fermata/experiments';
import { UserError } from '@fermata/core';
import { tableToText } from '@fermata/report';
import { defaultConcurrency } from '@fermata/training';
import { Argument, Command, Option } from 'commander';

import { backendOption, useBackend } from '../backend';
import { interruptible } from '../interruptible';
import { showJobs } from '../jobProgress';
import { integer, integers } from '../options';
import { userPath } from '../paths';

interface TableCommandOptions {
  readonly scale: string;
  readonly results?: string;
  readonly name?: string;
  readonly run?: boolean;
  readonly data?: string[];
  readonly rows?: string[];
  readonly seeds: number[];
  readonly jobs: number;
  readonly threads?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

/** `fermata table`: a table of the paper from recorded results, or from training its rows. */
export function tableCommand(): Command {
  return new Command('table')
    .summary('Print a table of the paper from recorded results, or train its rows.')
    .description(
      'Print a table of the paper from results that were recorded.\n' +
        'With --run its rows are trained, and their results recorded one by one; what was done before is taken as it is.',
    )
    .addArgument(new Argument('<table>', 'the number of the table').choices(tableNames))
    .addOption(new Option('--scale <name>', 'of the results').choices(scaleNames).default('small'))
    .option('--name <name>', 'what the results are filed under; else the first that there is')
    .option('--results <folder>', 'where results are kept; else those that came with Fermata')
    .option('--run', 'train the rows, and record their results')
    .option('--rows <id...>', 'which rows; else all of the table, ablations too')
    .option('--seeds <numbers>', 'with --run: one training for each', integers({ least: 0 }), [1])
    .option('--data <path...>', 'with --run: recordings, files or folders; else the built-in corpus')
    .option('--jobs <number>', 'processes at a time', integer({ least: 1 }), defaultConcurrency(1))
    .option(
      '--threads <number>',
      'threads of each process (also FERMATA_THREADS); else all processors are shared out',
      integer({ least: 1 }),
    )
    .addOption(backendOption())
    .option('--json', 'print the rows as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  fermata table 1 --scale small' +
        '\n  fermata table 1 --scale smoke --run --data ~/piano --results ~/piano-results --rows 1.1 1.2 --seeds 1,2',
    )
    .action(async (table: string, options: TableCommandOptions) => {
      const rows = chosenRows(rowsOfTable(table), options.rows);
      const results = options.results === undefined ? recordedResultsFolder : userPath(options.results);
      const data =
        options.run === true ? await train(rows, results, options) : nameOfResults(results, options);
      const place = { folder: results, scale: options.scale, data };
      const summaries = summarise(
        readRecordedRows(place).filter(({ row }) => rows.some(({ id }) => id === row)),
      );
      if (options.json === true) {
        const json = rows.flatMap((row) =>
          summaries.filter(({ id }) => id === row.id).map((summary) => machineRow(row, summary)),
        );
        console.log(JSON.stringify({ table, scale: options.scale, data, rows: json }, null, 2));
        return;
      }
      const tables = recordedTables({ rows, summaries, scale: options.scale, data });
      console.log(tables.map((each) => tableToText(each)).join('\n'));
    });
}

/** Trains the rows. @returns what their results are filed under */
async function train(rows: readonly Row[], results: string, options: TableCommandOptions): Promise<string> {
  const backend = await useBackend(options.backend);
  const data = options.data?.map(userPath);
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
      ...showJobs(display),
      onRecorded: (file) => {
        display.print(`Recorded ${file}`);
      },
      signal,
    });
  });
  return filedUnder;
}

function nameOfResults(results: string, { scale, name }: TableCommandOptions): string {
  const names = dataWithResults(results, scale);
  const chosen = name ?? names.at(0);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  const there = names.length === 0 ? '' : ` There are those on ${names.join(', ')}.`;
  throw new UserError(
    `${results}: no results at scale ${scale}${name === undefined ? '' : ` on ${name}`}.`,
    `Train with --run, or choose another scale.${there}`,
  );
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
    ...(Object.fromEntries(flat) as object),
    ...(paper && { paper }),
  };
}
