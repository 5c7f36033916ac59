import { piecesOf, secondsOf, splits, type TimedDataset } from '@fermata/data';
import { duration } from '@fermata/core';
import {
  codeHistogram,
  learningCurves,
  predictabilityProfile,
  slug,
  spectrogram,
  type AudioClip,
  type Block,
  type ReportPage,
  type Section,
  type Table,
} from '@fermata/report';

import { loadClip, loadExcerpts, type Excerpt } from '../results';
import { sequenceTitle, symbolName } from '../sequences';
import { systemNamed } from '../systems';
import type { PaperPlan } from './plan';
import { provenanceOf, type PageOrigin } from './provenance';
import type { PaperResults } from './results';
import { codesTableOf, costTableOf, figure2Table, paperTablesOf } from './tables';
import { warningsOf } from './warnings';

/** The report of a plan whose jobs are all done. */
export async function paperPage(
  plan: PaperPlan,
  results: PaperResults,
  dataset: TimedDataset,
  origin: PageOrigin,
): Promise<ReportPage> {
  const { scale } = plan;
  const clips = await loadClips(plan, results, dataset.rate);
  const [first, ...others] = paperTablesOf(plan, results);
  const minutes = secondsOf(dataset, 'train') / 60;
  return {
    title: `Music as raw audio, at scale ${scale.name}`,
    lead:
      `${results.rows.length} models of "The challenge of realistic music generation" (Dieleman et al., 2018), trained ` +
      `on ${minutes.toFixed(1)} minutes of piano in ${duration(trainingSeconds(results))} of computing, and ` +
      'music by two of these models together.',
    summary: [
      ...warningsOf(results, dataset, scale).map((warning): Block => ({ kind: 'warning', ...warning })),
      { kind: 'note', tone: 'information', text: scale.purpose },
      { kind: 'numbers', numbers: headlines(plan, results) },
      { kind: 'audio', title: 'Generated from nothing', clips: [clips.generated] },
      { kind: 'table', table: first },
    ],
    sections: [
      generationSection(plan, clips.generated, results),
      reconstructionSection(clips.reconstructions),
      codesSection(plan, results, others),
      profileSection(plan, results),
      trainingSection(plan, results),
      dataSection(dataset),
    ],
    provenance: provenanceOf(plan, results, dataset, origin),
  };
}

interface Clips {
  readonly generated: AudioClip;
  readonly reconstructions: readonly { readonly title: string; readonly clips: readonly AudioClip[] }[];
}

async function loadClips(
  { system }: PaperPlan,
  { generation, reconstructions }: PaperResults,
  sampleRate: number,
): Promise<Clips> {
  const { id, title } = systemNamed(system);
  const generated = {
    name: 'generated',
    title: `#${id}: ${title}`,
    samples: await loadClip(generation.run.file(generation.outcome.audio)),
    sampleRate,
  };
  const excerpts = await loadExcerpts(reconstructions, sampleRate);
  return { generated, reconstructions: excerpts.map(clipsOf) };
}

function clipsOf({ title, rate, original, reconstructions }: Excerpt, index: number) {
  const number = index + 1;
  return {
    title,
    clips: [
      { name: `original-${number}`, title: 'original', samples: original, sampleRate: rate },
      ...reconstructions.map(({ row, samples }) => ({
        name: slug(`reconstruction-${row.id}-${number}`),
        title: `#${row.id} ${row.title}`,
        samples,
        sampleRate: rate,
      })),
    ],
  };
}

function headlines(
  { system }: PaperPlan,
  { rows, generation }: PaperResults,
): { label: string; value: string; note?: string }[] {
  const numbers = rows.map(({ row, outcome }) => ({
    label: `eval NLL of #${row.id} ${row.title}`,
    value: outcome.evalNll.toFixed(3),
    note: `nats per ${symbolName(row.sequence)}${row.paper === undefined ? '' : `; the paper's: ${row.paper.evalNll}`}`,
  }));
  const levels = systemNamed(system).levels.length + 1;
  const speed = Math.round(generation.outcome.timestepsPerSecond).toLocaleString('en');
  return [
    ...numbers,
    { label: 'samples drawn per second', value: speed, note: `${levels} levels, one core` },
  ];
}

function generationSection({ system }: PaperPlan, clip: AudioClip, { generation }: PaperResults): Section {
  const { prior, levels } = systemNamed(system);
  const decoders = [...levels].reverse().map((id) => `#${id}`);
  return {
    title: 'Music from nothing',
    blocks: [
      {
        kind: 'text',
        text:
          `The prior #${prior} drew the codes, and the decoder of ${decoders.join(', then of ')} drew ` +
          `${generation.outcome.seconds} seconds of audio from them, sample by sample.`,
      },
      { kind: 'figure', figure: spectrogram(clip.samples, clip.sampleRate, { title: 'Generated music' }) },
    ],
  };
}

function reconstructionSection(groups: Clips['reconstructions']): Section {
  // Shows only the first excerpt's: a page of many spectrograms is slow to open.
  const blocks = groups.flatMap(({ title, clips }, index): Block[] => [
    { kind: 'audio', title, clips },
    ...(index > 0 ? [] : clips).map((clip): Block => ({
      kind: 'figure',
      figure: spectrogram(clip.samples, clip.sampleRate, { title: clip.title, subtitle: title }),
    })),
  ]);
  return {
    title: 'Held-out music, encoded and drawn again',
    blocks: [
      {
        kind: 'text',
        text: 'The encoder turned each excerpt into codes. From the codes the local model drew the audio again (section 4.1).',
      },
      ...blocks,
    ],
  };
}

function codesSection(plan: PaperPlan, results: PaperResults, tables: readonly Table[]): Section {
  return {
    title: 'Codes',
    blocks: [
      { kind: 'table', table: codesTableOf(plan, results) },
      ...tables.map((table): Block => ({ kind: 'table', table })),
      ...results.rows.flatMap(({ row, outcome }): Block[] =>
        outcome.codes === undefined
          ? []
          : [
              {
                kind: 'figure',
                figure: codeHistogram(outcome.codes.histogram, {
                  subtitle: `#${row.id} ${row.title}, held-out set`,
                }),
              },
            ],
      ),
    ],
  };
}

function profileSection(plan: PaperPlan, results: PaperResults): Section {
  const profiles = results.profiles.map(({ sequence, points }) => ({
    name: sequenceTitle(sequence),
    points,
  }));
  return {
    title: 'Predictability',
    blocks: [
      {
        kind: 'figure',
        figure: predictabilityProfile(profiles, {
          subtitle: `scale ${plan.scale.name}`,
          encoderReceptiveField: 64,
        }),
      },
      { kind: 'table', table: figure2Table(plan, results) },
    ],
  };
}

function trainingSection(plan: PaperPlan, results: PaperResults): Section {
  const curves = results.rows.map(({ row, run }) => {
    const lines = run.metrics().filter(({ kind }) => kind === 'train');
    return {
      name: `#${row.id} ${row.title}`,
      timesteps: lines.map(({ timesteps }) => timesteps),
      nll: lines.map(({ metrics }) => metrics.nll),
    };
  });
  return {
    title: 'Training',
    blocks: [
      { kind: 'figure', figure: learningCurves(curves) },
      { kind: 'table', table: costTableOf(plan, results) },
    ],
  };
}

function dataSection(dataset: TimedDataset): Section {
  const { skipped, notes } = dataset;
  return {
    title: 'Data',
    blocks: [
      {
        kind: 'table',
        table: {
          name: 'data',
          title: 'The pieces',
          columns: [
            { key: 'split', title: 'split' },
            { key: 'composer', title: 'composer' },
            { key: 'title', title: 'title' },
            { key: 'seconds', title: 'length', unit: 's', digits: 1 },
          ],
          rows: splits.flatMap((split) =>
            piecesOf(dataset, split).map((piece) => ({
              split,
              composer: piece.composer ?? null,
              title: piece.title ?? piece.id,
              seconds: piece.length / dataset.rate,
            })),
          ),
          caption: 'Splits are by piece: no piece is in two splits.',
        },
      },
      ...notes.map((text): Block => ({ kind: 'note', tone: 'information', text })),
      ...(skipped.length === 0 ? [] : [skippedNote(skipped)]),
    ],
  };
}

function skippedNote(skipped: TimedDataset['skipped']): Block {
  const list = skipped.map(({ file, reason }) => `${file}: ${reason}`).join('\n\n');
  return { kind: 'note', tone: 'warning', text: `${skipped.length} files could not be used.\n\n${list}` };
}

function trainingSeconds({ rows, profiles }: PaperResults): number {
  const ofRows = rows.reduce((sum, { outcome }) => sum + outcome.seconds, 0);
  return profiles.reduce(
    (sum, { points }) => points.reduce((total, { seconds }) => total + seconds, sum),
    ofRows,
  );
}
