import { listModels, type ModelCard } from '@fermata/experiments';
import { UserError } from '@fermata/core';
import { tableToText, type Table } from '@fermata/report';
import { RunStore } from '@fermata/training';
import { Command } from 'commander';
import { say, sayJson } from '../say';

interface RunsOptions {
  readonly prune?: string[];
  readonly unfinished?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `fermata runs`: the trained models of this machine. */
export function runsCommand(): Command {
  return new Command('runs')
    .summary('List trained models, or remove some.')
    .description(
      'List the trained models in the folder of runs (FERMATA_RUNS, else .fermata/runs). ' +
        'Other commands take them by --run.',
    )
    .option('--prune <id...>', 'remove these runs, by id or its beginning')
    .option('--unfinished', 'remove all runs with an unfinished training')
    .option('--yes', 'really remove; without it the command only lists the runs')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  fermata runs\n  fermata runs --prune a825 --yes')
    .action((options: RunsOptions) => {
      const store = new RunStore();
      const cards = listModels(store, ({ message }) => {
        console.error(message);
      });
      const chosen = chosenForRemoval(cards, options);
      if (chosen !== undefined) {
        remove(store, cards, chosen, options.yes === true);
        return;
      }
      const sizes = new Map(store.list().map((run) => [run.id, run.bytes()]));
      if (options.json === true) {
        sayJson(cards.map((card) => ({ ...card, bytes: sizes.get(card.run) })));
        return;
      }
      if (cards.length > 0) console.log(tableToText(tableOf(cards, sizes, store.folder)));
      else say(`${store.folder}: no trained models. Train one with \`npm start\` or \`fermata train 1.2\`.`);
    });
}

function chosenForRemoval(
  cards: readonly ModelCard[],
  { prune, unfinished }: RunsOptions,
): ModelCard[] | undefined {
  if (prune === undefined && unfinished !== true) return undefined;
  const named = (prune ?? []).map((beginning) => {
    const found = cards.filter(({ run }) => run.startsWith(beginning));
    if (found.length === 1) return found[0];
    throw new UserError(
      found.length === 0 ? `No run begins with ${beginning}.` : `Several runs begin with ${beginning}.`,
      'List them with `fermata runs`.',
    );
  });
  const stopped = unfinished === true ? cards.filter(({ steps, plannedSteps }) => steps < plannedSteps) : [];
  return [...new Set([...named, ...stopped])];
}

function remove(
  store: RunStore,
  cards: readonly ModelCard[],
  chosen: readonly ModelCard[],
  isMeant: boolean,
): void {
  const ids = new Set(chosen.map(({ run }) => run));
  const needing = cards.find(({ run, below }) => !ids.has(run) && below.some((level) => ids.has(level)));
  if (needing !== undefined) {
    throw new UserError(
      `Run ${needing.run} (#${needing.row}) models the codes of a run to remove.`,
      'Remove both, or keep both.',
    );
  }
  const runs = store.list();
  for (const { run: id, row, scale } of chosen) {
    if (isMeant) runs.find((run) => run.id === id)?.delete();
    console.log(`${isMeant ? 'Removed' : 'To remove:'} ${id}, #${row}, scale ${scale}`);
  }
  if (chosen.length === 0) console.log('Nothing to remove.');
  else if (!isMeant) console.log('Add --yes to remove.');
}

function tableOf(cards: readonly ModelCard[], sizes: ReadonlyMap<string, number>, folder: string): Table {
  return {
    name: 'runs',
    title: `Trained models in ${folder}`,
    columns: [
      { key: 'run', title: 'run' },
      { key: 'row', title: '#' },
      { key: 'scale', title: 'scale' },
      { key: 'data', title: 'data' },
      { key: 'seed', title: 'seed' },
      { key: 'steps', title: 'steps' },
      { key: 'nll', title: 'NLL', unit: 'nats', digits: 3 },
      { key: 'size', title: 'size', unit: 'MB', digits: 1 },
      { key: 'set', title: 'other settings' },
    ],
    rows: cards.map((card) => ({
      run: card.run,
      row: card.row,
      scale: card.scale,
      data: card.data.name,
      seed: card.seed,
      steps: card.steps === card.plannedSteps ? String(card.steps) : `${card.steps} of ${card.plannedSteps}`,
      nll: card.measured?.evalNll ?? null,
      size: (sizes.get(card.run) ?? 0) / 1e6,
      set: card.settings === undefined ? '' : JSON.stringify(card.settings),
    })),
  };
}
