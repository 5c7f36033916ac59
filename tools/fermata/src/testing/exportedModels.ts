import { createModel, type ModelCard, type ModelConfig } from '@fermata/experiments';
import { randomKey } from '@fermata/core';
import { randomiseWeights } from '@fermata/testing';
import { writeWeightsFile } from '@fermata/training';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sizes = { dilations: [1, 2], channels: 4, gate: 4, skip: 8 };
const waveNet = { ...sizes, width: 2, head: 8 } as const;

/** A VQ-VAE of hop 8 on 8-bit audio with 16 codes. */
export const level1: ModelConfig = {
  kind: 'autoencoder',
  config: {
    symbols: 256,
    hop: 8,
    encoder: { input: 'continuous', ...sizes },
    quantiser: { kind: 'vq', codebookSize: 16, depth: 4, alpha: 0.9, beta: 0.25 },
    modulator: sizes,
    decoder: { input: 'continuous', ...waveNet },
  },
};
/** A VQ-VAE of hop 4 on the codes of the first, with a codebook of 8. */
export const level2: ModelConfig = {
  kind: 'autoencoder',
  config: {
    ...level1.config,
    symbols: 16,
    hop: 4,
    quantiser: { kind: 'vq', codebookSize: 8, depth: 4, alpha: 0.9, beta: 0.25 },
  },
};
/** A WaveNet on an alphabet of a size. */
export const prior = (symbols: number): ModelConfig => ({
  kind: 'wavenet',
  config: { symbols, input: 'one-hot', ...waveNet },
});

/**
 * Writes exported models with random weights: a model, and the models below it, level 1 first.
 *
 * @returns the folder
 */
export async function writeExported(
  folder: string,
  model: ModelConfig,
  below: readonly ModelConfig[] = [],
  row = '2.1',
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const runOf = (index: number) => `run-${index}`;
  const made = createModel(model, randomKey('exported'));
  randomiseWeights(made, randomKey(`weights ${below.length}`));
  await writeWeightsFile(join(folder, 'model.safetensors'), made, 'float32', {});
  made.dispose();
  const card: ModelCard = {
    format: 'fermata-model-1',
    run: runOf(below.length),
    row,
    scale: 'tiny',
    seed: 1,
    bits: 8,
    rate: 16000,
    below: below.map((_, index) => runOf(index)),
    model,
    data: { name: 'noise', fingerprint: 'none' },
    training: {},
    steps: 0,
    plannedSteps: 0,
  };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(card));
  for (const [index, level] of below.entries()) {
    await writeExported(join(folder, `level-${index + 1}`), level, below.slice(0, index), '1.2');
  }
  return folder;
}
