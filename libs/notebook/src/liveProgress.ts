import { duration, type Progress, type ProgressListener } from '@fermata/core';
import { html, type Html } from '@fermata/report';
import { newDisplay } from 'tslab';

import { outputHtml } from './html';

/** Shortest time between two updates of a display, in milliseconds. */
const interval = 250;

interface Stage {
  readonly started: number;
  /** Work done at the first report: not 0 if a run resumes. */
  readonly doneBefore: number;
  progress: Progress;
  seconds: number;
  /** Losses from the details so far. */
  readonly losses: number[];
}

/**
 * Listener for any option `onProgress`: one display under the cell, updated in place, with a line for each stage: bar,
 * time left, detail, and a small curve of the NLL or the loss if the detail contains one, as in `NLL 2.31`.
 */
export function liveProgress(): ProgressListener {
  const output = newDisplay();
  const stages = new Map<string, Stage>();
  let drawn = -Infinity;
  return (progress) => {
    const now = performance.now();
    const known = stages.get(progress.stage);
    const stage = known ?? { started: now, doneBefore: progress.done, progress, seconds: 0, losses: [] };
    stages.set(progress.stage, stage);
    stage.progress = progress;
    stage.seconds = (now - stage.started) / 1000;
    const loss = /^(?:NLL|loss) (-?\d+(?:\.\d+)?)$/.exec(progress.detail ?? '');
    if (loss !== null) stage.losses.push(Number(loss[1]));
    const finished = progress.done >= progress.total;
    if (known !== undefined && !finished && now - drawn < interval) return;
    drawn = now;
    output.html(outputHtml('progress', stagesHtml([...stages.values()])));
  };
}

function stagesHtml(stages: readonly Stage[]): Html {
  return html`<table class="progress">
    ${stages.map(
      (stage) =>
        html`<tr>
          <td>${stage.progress.stage}</td>
          <td><progress value="${stage.progress.done}" max="${stage.progress.total}"></progress></td>
          <td>${timeText(stage)}</td>
          <td>${stage.progress.detail}</td>
          <td>${curveSvg(stage.losses)}</td>
        </tr>`,
    )}
  </table>`;
}

function timeText({ progress: { done, total }, doneBefore, seconds }: Stage): string {
  if (done >= total) return `done in ${duration(seconds)}`;
  const percent = `${Math.floor((100 * done) / total)}%`;
  if (done === doneBefore) return percent;
  return `${percent}, ${duration((seconds * (total - done)) / (done - doneBefore))} left`;
}

function curveSvg(losses: readonly number[]): Html | undefined {
  if (losses.length < 2) return undefined;
  const stride = Math.ceil(losses.length / 200);
  const shown = losses.filter((_, i) => i % stride === 0 || i === losses.length - 1);
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  const points = shown.map((value, i) => {
    const x = (100 * i) / (shown.length - 1);
    const y = high === low ? 10 : 19 - (18 * (value - low)) / (high - low);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return html`<svg
    viewBox="0 0 100 20"
    preserveAspectRatio="none"
    role="img"
    aria-label="from ${losses[0]} to ${shown.at(-1)}"
  >
    <polyline
      points="${points.join(' ')}"
      fill="none"
      stroke="currentColor"
      vector-effect="non-scaling-stroke"
    />
  </svg>`;
}
