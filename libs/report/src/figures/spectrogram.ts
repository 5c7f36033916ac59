import { powerSpectrogram, type PowerSpectrogram } from '@fermata/audio';
import type { Json } from '@fermata/core';

import { makeFigure, type FigureOptions, type PlotlyFigure } from '../figure';
import { axis, heatColours } from '../theme';

export interface SpectrogramOptions extends FigureOptions {
  /** The frequency axis: `log` from 55 Hz with equal height for every octave, or `linear` from 0 Hz. Default: `log`. */
  readonly frequency?: 'log' | 'linear';
  /** The level of the darkest colour, in dB relative to a full-scale sine. Default: −90. */
  readonly floor?: number;
}

const columns = 600;
const rows = 160;
const lowest = 55;

/**
 * A plot of power over time and frequency, in dB relative to a full-scale sine. Frames have 2,048 samples, 128 ms at
 * 16 kHz, and a Hann window. Each point is one byte of whole decibels, so ten seconds take about 130 kB.
 *
 * @param samples `[time]` in [−1, 1]
 * @param sampleRate in Hz
 */
export function spectrogram(
  samples: Float32Array,
  sampleRate: number,
  options: SpectrogramOptions = {},
): PlotlyFigure {
  const { title = 'Spectrogram', subtitle, frequency = 'log', floor = -90 } = options;
  const size = 2048;
  const hop = Math.max(128, Math.ceil(samples.length / (4 * columns))); // no more detail than a screen shows
  const spectrum = powerSpectrogram(samples, size, hop);
  const frequencies = rowEdges(frequency, sampleRate);
  const width = Math.min(columns, spectrum.frames);
  const decibels = new Int8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const low = (frequencies[row] * size) / sampleRate;
    const high = (frequencies[row + 1] * size) / sampleRate;
    for (let column = 0; column < width; column++) {
      const first = Math.floor((column * spectrum.frames) / width);
      const last = Math.floor(((column + 1) * spectrum.frames) / width);
      const power = rowPower(spectrum, first, last, low, high);
      decibels[row * width + column] = Math.max(floor, Math.round(10 * Math.log10(power + 1e-20)));
    }
  }
  const step = (hop / sampleRate) * (spectrum.frames / width);
  return makeFigure({
    title,
    subtitle,
    data: [
      {
        type: 'heatmap',
        z: packed(decibels, rows, width),
        x0: Number(((step - hop / sampleRate) / 2).toPrecision(6)),
        dx: Number(step.toPrecision(6)),
        y0: 0.5,
        dy: 1,
        zmin: floor,
        zmax: -10,
        zsmooth: 'fast',
        colorscale: heatColours,
        colorbar: { title: { text: 'dB' }, thickness: 12, outlinewidth: 0 },
        hovertemplate: '%{x:.2f} s: %{z} dB<extra></extra>',
      },
    ],
    layout: {
      height: 320,
      xaxis: axis('time (s)', { range: [0, samples.length / sampleRate], showgrid: false }),
      yaxis: axis('frequency (Hz)', { showgrid: false, ...frequencyTicks(frequency, sampleRate) }),
    },
    description: `${title}: spectrogram of ${(samples.length / sampleRate).toFixed(1)} s up to ${sampleRate / 2} Hz.`,
  });
}

function rowEdges(frequency: 'log' | 'linear', sampleRate: number): number[] {
  const top = sampleRate / 2;
  return Array.from({ length: rows + 1 }, (_, row) =>
    frequency === 'log' ? lowest * (top / lowest) ** (row / rows) : (top * row) / rows,
  );
}

// The axis counts rows, because plotly.js draws a heatmap as one image only if its rows are equally high.
function frequencyTicks(frequency: 'log' | 'linear', sampleRate: number): Record<string, Json> {
  const top = sampleRate / 2;
  const candidates =
    frequency === 'log'
      ? [110, 220, 440, 880, 1760, 3520, 7040, 14080]
      : [0, 1000, 2000, 4000, 6000, 8000, 16000];
  const ticks = candidates.filter((tick) => tick <= top);
  const place = (hertz: number) =>
    rows * (frequency === 'log' ? Math.log(hertz / lowest) / Math.log(top / lowest) : hertz / top);
  return { tickvals: ticks.map((tick) => Number(place(tick).toFixed(2))), ticktext: ticks.map(String) };
}

// The strongest bin of a row, averaged over frames, or an interpolated value if the row is narrower than a bin. A mean over
// the bins of a tall row would hide partials.
function rowPower(
  spectrum: PowerSpectrogram,
  first: number,
  last: number,
  low: number,
  high: number,
): number {
  const { power, bins } = spectrum;
  let sum = 0;
  for (let frame = first; frame < last; frame++) {
    const row = frame * bins;
    if (high - low <= 1) {
      const centre = Math.min((low + high) / 2, bins - 1);
      const below = Math.floor(centre);
      const above = Math.min(below + 1, bins - 1);
      sum += power[row + below] + (centre - below) * (power[row + above] - power[row + below]);
    } else {
      const from = Math.ceil(low);
      const to = Math.min(Math.floor(high), bins - 1);
      let strongest = 0;
      for (let bin = from; bin <= to; bin++) strongest = Math.max(strongest, power[row + bin]);
      sum += strongest;
    }
  }
  return sum / (last - first);
}

/** A matrix in plotly.js's base64 format, which takes one byte per element instead of four characters of JSON. */
function packed(values: Int8Array, height: number, width: number): Json {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return { dtype: 'i1', bdata: bytes.toString('base64'), shape: `${height},${width}` };
}
