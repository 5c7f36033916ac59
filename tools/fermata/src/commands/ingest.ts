import { ingest } from '@fermata/audio';
import { piecesOf, secondsOf, splits, type TimedDataset, type PieceInfo } from '@fermata/data';
import { audioFolder, describeShortSplits, requireWritableCache } from '@fermata/experiments';
import { Command } from 'commander';

import { interruptible } from '../interruptible';
import { userPath } from '../paths';
import { say, sayJson } from '../say';

/** `fermata ingest`: reads recordings once and describes them, before any training. */
export function ingestCommand(): Command {
  return new Command('ingest')
    .description(
      'Read recordings (WAV, FLAC, MP3, Ogg, Opus, MIDI) into a dataset of 8-bit mu-law at 16 kHz, and list its pieces, ' +
        'its splits and the skipped files.',
    )
    .argument('<sources...>', 'files and folders, MAESTRO among them')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  fermata ingest ~/piano')
    .action(async (sources: string[], options: { json?: boolean }) => {
      const source = sources.map(userPath);
      requireWritableCache();
      const dataset = await interruptible((display, signal) =>
        ingest({
          source,
          folder: audioFolder(),
          onProgress: (progress) => {
            display.update('ingest', progress);
          },
          onDamaged: (message) => {
            display.print(message);
          },
          signal,
        }),
      );
      try {
        if (options.json === true) sayJson(summary(dataset));
        else say(...describe(dataset));
      } finally {
        dataset.close();
      }
    });
}

function summary(dataset: TimedDataset): object {
  const { folder, fingerprint, symbols, rate, pieces, skipped } = dataset;
  const seconds = Object.fromEntries(splits.map((split) => [split, secondsOf(dataset, split)]));
  return { folder, fingerprint, symbols, rate, seconds, pieces, skipped, notes: notesOn(dataset) };
}

function notesOn(dataset: TimedDataset): readonly string[] {
  const short = describeShortSplits(dataset);
  return short === undefined
    ? dataset.notes
    : [...dataset.notes, `These splits have too little music to measure much on: ${short}.`];
}

function describe(dataset: TimedDataset): string[] {
  const lines = splits.map((split) => {
    const pieces = piecesOf(dataset, split);
    const minutes = (some: readonly PieceInfo[]) =>
      (some.reduce((sum, { length }) => sum + length, 0) / dataset.rate / 60).toFixed(1);
    const performances = pieces.filter(({ source }) => /\.midi?$/i.test(source));
    return (
      `${split.padEnd(10)} ${String(pieces.length).padStart(5)} pieces ${minutes(pieces).padStart(9)} minutes` +
      (performances.length > 0 ? `, of these MIDI ${minutes(performances)}` : '')
    );
  });
  if (dataset.skipped.length > 0)
    lines.push(`skipped    ${String(dataset.skipped.length).padStart(5)} files`);
  for (const { file, reason } of dataset.skipped) lines.push(`           ${file}: ${reason}`);
  for (const note of notesOn(dataset)) lines.push(`note       ${note}`);
  lines.push(`dataset    ${dataset.fingerprint} in ${dataset.folder}`);
  return lines;
}
