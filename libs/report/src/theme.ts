import type { Json } from '@fermata/core';

/**
 * Colours of series (Okabe and Ito, 2008) that people with any colour vision can tell apart on a light or dark background.
 * Series also differ by dash and marker.
 */
export const seriesColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'] as const;
const dashes = ['solid', 'dash', 'dot', 'dashdot'] as const;
const symbols = ['circle', 'square', 'diamond', 'triangle-up', 'x', 'star'] as const;

/** The colour of everything to compare with: the paper's numbers, a bound, a marker. */
export const referenceColour = '#8a8f98';

/** The look of series number `index`. It repeats after 24 series. */
export function seriesStyle(index: number): { colour: string; dash: string; symbol: string } {
  return {
    colour: seriesColours[index % seriesColours.length],
    dash: dashes[Math.floor(index / seriesColours.length) % dashes.length],
    symbol: symbols[index % symbols.length],
  };
}

/** A colour scale from black through purple and orange to cream. Its brightness rises evenly, so it also prints in grey. */
export const heatColours: Json = [
  [0, '#000004'],
  [0.13, '#180f3e'],
  [0.25, '#451077'],
  [0.38, '#721f81'],
  [0.5, '#9f2f7f'],
  [0.63, '#cd4071'],
  [0.75, '#f1605d'],
  [0.88, '#fd9567'],
  [1, '#fcfdbf'],
];

/** An axis with a title, outside ticks and no zero line. */
export function axis(title: string, options: Readonly<Record<string, Json>> = {}): Record<string, Json> {
  return {
    title: { text: plain(title), standoff: 10 },
    zeroline: false,
    showline: true,
    ticks: 'outside',
    ticklen: 4,
    automargin: true,
    ...options,
  };
}

/**
 * Escapes text for plotly.js, which reads `<b>`, `<a href=…>` and `&lt;` in labels as markup. The names of files and rows
 * are not markup.
 */
export function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
