import { makeFigure, type FigureOptions, type PlotlyFigure, type Trace } from '../figure';
import { significant } from '../numbers';
import { axis, plain, seriesStyle } from '../theme';

/** The losses of one run over time. */
export interface LearningCurve {
  /** The name in the legend, such as `#1.2 VQ-VAE`. */
  readonly name: string;
  /** The timesteps trained on so far at each logged step, ascending. */
  readonly timesteps: ArrayLike<number>;
  /** NLL of the training batch at each logged step, in nats per timestep. */
  readonly nll: ArrayLike<number>;
  /** NLL on held-out audio, if measured. */
  readonly evaluation?: { readonly timesteps: ArrayLike<number>; readonly nll: ArrayLike<number> };
}

export interface LearningCurveOptions extends FigureOptions {
  /** Puts timesteps on a logarithmic axis. Default: false. */
  readonly logarithmic?: boolean;
}

const mostPoints = 400;

/**
 * A plot of NLL over timesteps trained on, with one colour per run: a faint line for the batches, a strong line for their
 * running mean, and a dotted line with markers for the held-out NLL.
 *
 * @throws RangeError if the arrays of a curve differ in length
 */
export function learningCurves(
  curves: readonly LearningCurve[],
  options: LearningCurveOptions = {},
): PlotlyFigure {
  const { title = 'Learning curves', subtitle, logarithmic = false } = options;
  const data = curves.flatMap((curve, index) => curveTraces(curve, index));
  return makeFigure({
    title,
    subtitle,
    data,
    layout: {
      xaxis: axis(
        'timesteps trained on',
        logarithmic
          ? { type: 'log', dtick: 1, exponentformat: 'SI' }
          : { exponentformat: 'SI', rangemode: 'tozero' },
      ),
      yaxis: axis('NLL (nats per timestep)', { range: nllRange(curves, logarithmic ? 1 : 0.97) }),
    },
    description: `${title}: negative log-likelihood over timesteps trained on, for ${curves.map((curve) => curve.name).join(', ')}.`,
  });
}

function curveTraces(curve: LearningCurve, index: number): Trace[] {
  const { colour, dash, symbol } = seriesStyle(index);
  const shown = everyNth(curve.timesteps, curve.nll, curve.name);
  const smooth = everyNth(curve.timesteps, runningMean(curve.nll), curve.name);
  const traces: Trace[] = [
    {
      type: 'scatter',
      mode: 'lines',
      name: plain(curve.name),
      legendgroup: curve.name,
      showlegend: false,
      hoverinfo: 'skip',
      x: shown.x,
      y: shown.y,
      line: { color: colour, width: 1 },
      opacity: 0.25,
    },
    {
      type: 'scatter',
      mode: 'lines',
      name: plain(curve.name),
      legendgroup: curve.name,
      x: smooth.x,
      y: smooth.y,
      line: { color: colour, width: 2.2, dash },
      hovertemplate: 'train %{y:.3f} nats after %{x:.3s}',
    },
  ];
  if (curve.evaluation !== undefined) {
    const held = everyNth(curve.evaluation.timesteps, curve.evaluation.nll, curve.name);
    traces.push({
      type: 'scatter',
      mode: 'lines+markers',
      name: `${plain(curve.name)}, held out`,
      legendgroup: curve.name,
      x: held.x,
      y: held.y,
      line: { color: colour, width: 1.2, dash: 'dot' },
      marker: { symbol, size: 8 },
      hovertemplate: 'held out %{y:.3f} nats after %{x:.3s}',
    });
  }
  return traces;
}

// The first batches are many nats above the rest and would flatten everything else on a linear axis, so the range holds
// only this share of the values.
function nllRange(curves: readonly LearningCurve[], share: number): [number, number] {
  const values = curves.flatMap((curve) => [
    ...Array.from(runningMean(curve.nll)),
    ...Array.from(curve.evaluation?.nll ?? []),
  ]);
  const finite = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (finite.length === 0) return [0, 6];
  const low = finite[0];
  const high = finite[Math.floor(share * (finite.length - 1))];
  const margin = Math.max(0.05, 0.15 * (high - low));
  return [Number((low - margin).toFixed(3)), Number((high + margin).toFixed(3))];
}

/**
 * The mean over nearby steps, at most a tenth of the way back and ahead, which keeps the steep beginning sharp; NaN where
 * none of these is finite.
 */
function runningMean(values: ArrayLike<number>): number[] {
  const sums = new Float64Array(values.length + 1);
  const counts = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) {
    const finite = Number.isFinite(values[i]);
    sums[i + 1] = sums[i] + (finite ? values[i] : 0);
    counts[i + 1] = counts[i] + (finite ? 1 : 0);
  }
  return Array.from(values, (_, i) => {
    const reach = Math.floor(Math.min(i / 10, values.length / 40));
    const end = Math.min(i + reach + 1, values.length);
    return (sums[end] - sums[i - reach]) / (counts[end] - counts[i - reach]);
  });
}

function everyNth(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  name: string,
): { x: number[]; y: (number | null)[] } {
  if (x.length !== y.length)
    throw new RangeError(`learningCurves: ${name} has ${x.length} steps but ${y.length} NLLs`);
  const stride = Math.max(1, Math.ceil(x.length / mostPoints));
  const kept = Array.from({ length: x.length }, (_, i) => i).filter(
    (i) => i % stride === 0 || i === x.length - 1,
  );
  return {
    x: kept.map((i) => x[i]),
    y: kept.map((i) => (Number.isFinite(y[i]) ? significant([y[i]])[0] : null)),
  };
}
