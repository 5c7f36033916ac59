import { makeFigure, type FigureOptions, type PlotlyFigure, type Trace } from '../figure';
import { significant } from '../numbers';
import { axis, plain, referenceColour, seriesStyle } from '../theme';

/** The NLL of the 3-layer predictor of section 4.2 as a function of its receptive field. */
export interface PredictabilityProfile {
  /** The name in the legend, such as `waveform` or `codes of #1.2`. */
  readonly name: string;
  readonly points: readonly ProfilePoint[];
}

export interface ProfilePoint {
  /** The receptive field r in timesteps of the sequence; 0 means the unigram entropy. */
  readonly receptiveField: number;
  /** NLL in nats per timestep. */
  readonly nll: number;
  /** Half the width of the 95% interval, if known. */
  readonly error?: number;
}

export interface ProfileOptions extends FigureOptions {
  /** The encoder's receptive field in codes, marked by a line. The paper sees a transition there. */
  readonly encoderReceptiveField?: number;
}

/**
 * The paper's figure 2: NLL over the receptive field r on an axis of log2 r. The unigram entropy, r = 0, has a place to the
 * left of r = 1.
 *
 * @throws RangeError if a receptive field is negative
 */
export function predictabilityProfile(
  profiles: readonly PredictabilityProfile[],
  options: ProfileOptions = {},
): PlotlyFigure {
  const { title = 'Predictability profiles', subtitle, encoderReceptiveField } = options;
  const fields = profiles.flatMap((profile) => profile.points.map((point) => point.receptiveField));
  const largest = Math.max(1, encoderReceptiveField ?? 1, ...fields);
  const ticks = [0, ...Array.from({ length: Math.floor(Math.log2(largest)) + 1 }, (_, i) => 2 ** i)];
  return makeFigure({
    title,
    subtitle,
    data: profiles.map(profileTrace),
    layout: {
      xaxis: axis('receptive field r (0: unigram entropy)', {
        tickvals: ticks.map(place),
        ticktext: ticks.map(String),
        range: [place(0) - 0.4, place(largest) + 0.4],
      }),
      yaxis: axis('NLL (nats per timestep)', { rangemode: 'tozero' }),
      ...(encoderReceptiveField === undefined ? {} : encoderLine(encoderReceptiveField)),
    },
    description: `${title}: negative log-likelihood over the receptive field of a simple predictor, for ${profiles
      .map((profile) => profile.name)
      .join(', ')}.`,
  });
}

// One step of the axis is a doubling. 0 has no logarithm and is placed one step to the left of 1.
function place(receptiveField: number): number {
  if (!(receptiveField >= 0))
    throw new RangeError(`predictabilityProfile: receptive field ${receptiveField} is negative`);
  return receptiveField === 0 ? -1 : Number(Math.log2(receptiveField).toFixed(4));
}

function profileTrace(profile: PredictabilityProfile, index: number): Trace {
  const { colour, dash, symbol } = seriesStyle(index);
  const points = [...profile.points].sort((a, b) => a.receptiveField - b.receptiveField);
  const errors = points.map((point) => point.error ?? 0);
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name: plain(profile.name),
    x: points.map((point) => place(point.receptiveField)),
    y: significant(points.map((point) => point.nll)),
    customdata: points.map((point) => point.receptiveField),
    hovertemplate: 'r = %{customdata}: %{y:.3f} nats',
    line: { color: colour, width: 2.2, dash },
    marker: { color: colour, symbol, size: 8 },
    ...(errors.some((error) => error > 0)
      ? { error_y: { type: 'data', array: significant(errors), thickness: 1.2, width: 3 } }
      : {}),
  };
}

function encoderLine(receptiveField: number) {
  return {
    shapes: [
      {
        type: 'line',
        xref: 'x',
        yref: 'paper',
        x0: place(receptiveField),
        x1: place(receptiveField),
        y0: 0,
        y1: 1,
        line: { color: referenceColour, width: 1.5, dash: 'dash' },
      },
    ],
    annotations: [
      {
        x: place(receptiveField),
        xref: 'x',
        y: 1,
        yref: 'paper',
        xanchor: 'right',
        xshift: -6,
        yanchor: 'top',
        showarrow: false,
        text: `encoder sees ${receptiveField} codes`,
        font: { size: 12 },
      },
    ],
  };
}
