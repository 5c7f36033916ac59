import { countOutputs, missingOutputs } from './executedNotebook';

describe('what an executed notebook shows', () => {
  const shown = (...html: (string | string[])[]) =>
    html.map((text) => ({ output_type: 'display_data', data: { 'text/html': text } }));
  const notebook = (outputs: object[], promised?: Record<string, number>) =>
    JSON.stringify({
      cells: [{ source: 'no outputs' }, { outputs }, { outputs: [{ name: 'stdout', text: 'printed' }] }],
      metadata: promised === undefined ? {} : { fermata: { outputs: promised } },
    });
  const figure = '<style></style>\n<div class="fermata" data-output="figure">drawn</div>';
  const player = ['<style></style>\n', '<div class="fermata" data-output="player">', '<audio></audio></div>'];

  test('is counted by kind', () => {
    const counts = countOutputs(notebook(shown(figure, player, figure, '<p>data-output</p>')));
    expect(Object.fromEntries(counts)).toEqual({ figure: 2, player: 1 });
  });

  test('must match the metadata', () => {
    const outputs = shown(figure, player, figure);
    expect(missingOutputs(notebook(outputs))).toBeUndefined();
    expect(missingOutputs(notebook(outputs, { figure: 1, player: 1 }))).toBeUndefined();
    expect(missingOutputs(notebook(outputs, { figure: 3, player: 1, table: 2 }))).toContain(
      'figure: 2 instead of 3, table: 0 instead of 2',
    );
  });
});
