import { makeFigure, type FigureOptions, type PlotlyFigure } from '../figure';
import { significant } from '../numbers';
import { axis, referenceColour, seriesColours } from '../theme';

/**
 * A histogram of the use of the codes, most used first, with a line at uniform use. The perplexity, the exponential of the
 * entropy of the codes, follows the title (default: `Codes`).
 *
 * @param counts `[codebookSize]`, over the whole evaluation set, since the size of a batch limits its perplexity
 * @throws RangeError if all counts are zero
 */
export function codeHistogram(counts: ArrayLike<number>, options: FigureOptions = {}): PlotlyFigure {
  const { title = 'Codes', subtitle } = options;
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) throw new RangeError(`codeHistogram: all ${counts.length} counts are zero`);
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
