import { makeFigure, type FigureOptions, type PlotlyFigure } from '../figure';
import { significant } from '../numbers';
import { axis, referenceColour, seriesColours } from '../theme';

/**
 * How often each code was used, most used first, beside the line where all of them would be used equally often. The title
 * (default: `Codes`) is followed by the perplexity, the exponential of the codes' entropy.
 *
 * @param counts `[codes]`, over the whole evaluation set: a batch bounds its own perplexity
 * @throws RangeError when nothing was counted
 */
export function codeHistogram(counts: ArrayLike<number>, options: FigureOptions = {}): PlotlyFigure {
  const { title = 'Codes', subtitle } = options;
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) throw new RangeError(`codeHistogram: no code was counted, of ${counts.length}`);
  const shares = Array.from(counts, (count) => count / total).sort((a, b) => b - a);
  const used = shares.filter((share) => share > 0);
  const perplexity = Math.exp(-used.reduce((sum, share) => sum + share * Math.log(share), 0));
  const summary = `perplexity ${perplexity.toFixed(1)} of ${counts.length}, ${used.length} in use`;
  return makeFigure({
    title: `${title}: ${summary}`,
    subtitle,
    data: [
      {
        type: 'bar',
        name: 'codes',
        x: shares.map((_, index) => index + 1),
        y: significant(
          shares.map((share) => 100 * share),
          4,
        ),
        marker: { color: seriesColours[0], line: { width: 0 } },
        hovertemplate: 'code of rank %{x}: %{y:.2f}%<extra></extra>',
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: 'all equally often',
        x: [0.5, counts.length + 0.5],
        y: [100 / counts.length, 100 / counts.length],
        line: { color: referenceColour, width: 1.5, dash: 'dash' },
        hoverinfo: 'skip',
      },
    ],
    layout: {
      bargap: 0.1,
      xaxis: axis('codes, most used first', { range: [0.5, counts.length + 0.5], showgrid: false }),
      yaxis: axis('share of all codes', { rangemode: 'tozero', ticksuffix: '%' }),
    },
    description: `${title}: how often each of ${counts.length} codes is used, most used first; ${summary}.`,
  });
}
