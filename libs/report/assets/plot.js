/* global document, getComputedStyle, matchMedia, window */

// Draws a figure of @fermata/report into an element with plotly.js, in the colours of the surrounding text. Report
// pages and notebooks share it.
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

// Saves a figure with its title as a PNG file, in black on white even if the page is dark.
window.fermataSavePng = function fermataSavePng(figure, filename) {
  const { height = 400, font } = figure.layout;
  const layout = {
    ...figure.layout,
    paper_bgcolor: '#ffffff',
    plot_bgcolor: '#ffffff',
    font: { ...font, color: '#000000' },
  };
  return window.Plotly.downloadImage(
    { data: figure.data, layout },
    { format: 'png', filename, width: 900, height, scale: 2 },
  );
};

// Draws the figures of a report page one after the other, so that the page stays responsive. A folded figure has no width
// and is drawn when the reader unfolds it.
document.addEventListener('DOMContentLoaded', async () => {
  const figureOf = (id) => JSON.parse(document.getElementById(id).textContent);
  const draw = (element) => {
    element.textContent = '';
    return window.fermataPlot(element, figureOf(element.dataset.figure));
  };
  for (const button of document.querySelectorAll('[data-png]')) {
    const { png, file } = button.dataset;
    button.hidden = false;
    button.addEventListener('click', () => void window.fermataSavePng(figureOf(png), file));
  }
  for (const element of document.querySelectorAll('[data-figure]')) {
    const folded = element.closest('details:not([open])');
    if (folded === null) await draw(element);
    else folded.addEventListener('toggle', () => void draw(element), { once: true });
  }
});
