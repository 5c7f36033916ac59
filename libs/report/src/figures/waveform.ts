import { makeFigure, type FigureOptions, type PlotlyFigure } from '../figure';
import { significant } from '../numbers';
import { axis, seriesColours } from '../theme';

/** The lowest and highest sample of each of several equal stretches of time. */
export interface Envelope {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/**
 * The extremes of a waveform in `columns` equal stretches, or in fewer if it has fewer samples.
 *
 * @param samples `[time]` in [−1, 1]
 */
export function envelope(samples: Float32Array, columns: number): Envelope {
  const count = Math.min(columns, samples.length);
  const low = new Float32Array(count);
  const high = new Float32Array(count);
  for (let column = 0; column < count; column++) {
    const end = Math.floor(((column + 1) * samples.length) / count);
    let least = Infinity;
    let most = -Infinity;
    for (let i = Math.floor((column * samples.length) / count); i < end; i++) {
      least = Math.min(least, samples[i]);
      most = Math.max(most, samples[i]);
    }
    low[column] = least;
    high[column] = most;
  }
  return { low, high };
}

/**
 * A plot of a waveform as a filled band between its lowest and highest samples. The level is not changed.
 *
 * @param samples `[time]` in [−1, 1]
 * @param sampleRate in Hz
 */
export function waveform(
  samples: Float32Array,
  sampleRate: number,
  options: FigureOptions = {},
): PlotlyFigure {
  const { title = 'Waveform', subtitle } = options;
  const { low, high } = envelope(samples, 800);
  const seconds = samples.length / sampleRate;
  const times = significant(Array.from(low, (_, column) => ((column + 0.5) * seconds) / low.length));
  const line = { color: seriesColours[0], width: 0.8 };
  return makeFigure({
    title,
    subtitle,
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'lowest',
        x: times,
        y: significant(low, 3),
        line,
        showlegend: false,
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: 'highest',
        x: times,
        y: significant(high, 3),
        line,
        fill: 'tonexty',
        fillcolor: seriesColours[0],
        showlegend: false,
      },
    ],
    layout: {
      height: 260,
      xaxis: axis('time (s)', { range: [0, seconds], showgrid: false }),
      yaxis: axis('amplitude'),
    },
    description: `${title}: waveform of ${seconds.toFixed(1)} s.`,
  });
}
