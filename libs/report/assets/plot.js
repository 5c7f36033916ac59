/* global document, getComputedStyle, matchMedia, window */

// Draws a figure of @fermata/report into an element with plotly.js, in the colours of the text around it. Shared by
// report pages and notebooks.
window.fermataPlot = function fermataPlot(element, figure) {
  const inkOf = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g);
    return (alpha) => `rgba(${red},${green},${blue},${alpha})`;
  };
  const axes = Object.keys(figure.layout).filter((key) => /^[xy]axis/.test(key));
  const colours = (colour) => {
    const ink = inkOf(colour);
    const values = { 'font.color': ink(1) };
    for (const axis of axes) {
      values[`${axis}.gridcolor`] = ink(0.12);
      values[`${axis}.linecolor`] = ink(0.4);
      values[`${axis}.tickcolor`] = ink(0.4);
    }
    return values;
  };
  const repaint = (colour) => window.Plotly.relayout(element, colours(colour));
  const textColour = () => getComputedStyle(element).color;

  const narrow = element.clientWidth < 520;
  const layout = { ...figure.layout, title: undefined, autosize: true };
  layout.margin = { ...layout.margin, t: 16, ...(narrow ? { l: 44, r: 8 } : {}) };
  const config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: narrow ? false : undefined,
    modeBarButtonsToRemove: ['lasso2d', 'select2d'],
  };
  const drawn = window.Plotly.newPlot(element, figure.data, layout, config).then(() => repaint(textColour()));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => repaint(textColour()));
  window.addEventListener('beforeprint', () => repaint('rgb(0,0,0)'));
  window.addEventListener('afterprint', () => repaint(textColour()));
  return drawn;
};

// Every figure of a report page, one after the other, so that the page can be read meanwhile; one that is folded away
// has no width yet and waits until it is unfolded.
document.addEventListener('DOMContentLoaded', async () => {
  const draw = (element) => {
    const figure = JSON.parse(document.getElementById(element.dataset.figure).textContent);
    element.textContent = '';
    return window.fermataPlot(element, figure);
  };
  for (const element of document.querySelectorAll('[data-figure]')) {
    const folded = element.closest('details:not([open])');
    if (folded === null) await draw(element);
    else folded.addEventListener('toggle', () => void draw(element), { once: true });
  }
});
