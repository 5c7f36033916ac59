import type { Progress, ProgressListener } from '@fermata/core';
import { duration, html, type Html } from '@fermata/report';
import { newDisplay } from 'tslab';

import { outputHtml } from './html';

/** At most so often a display is drawn anew, in milliseconds. */
const interval = 250;

interface Stage {
  readonly started: number;
  /** What was done when it was first heard of: not 0 where a run resumes. */
  readonly doneBefore: number;
  progress: Progress;
  seconds: number;
  /** The first number of each detail so far: the NLL, while a model trains. */
  readonly numbers: number[];
}

/**
 * A listener for anything that takes `onProgress`: one display under the cell, updated in place, with a line for each
 * stage: bar, time left, detail, and a small curve of the first number in the detail, as of the NLL in `NLL 2.31`.
 */
export function liveProgress(): ProgressListener {
  const output = newDisplay();
  const stages = new Map<string, Stage>();
  let drawn = -Infinity;
  return (progress) => {
    const now = performance.now();
    const known = stages.get(progress.stage);
    const stage = known ?? { started: now, doneBefore: progress.done, progress, seconds: 0, numbers: [] };
    stages.set(progress.stage, stage);
    stage.progress = progress;
    stage.seconds = (now - stage.started) / 1000;
    const number = /-?\d+(\.\d+)?/.exec(progress.detail ?? '');
    if (number !== null) stage.numbers.push(Number(number[0]));
    const finished = progress.done >= progress.total;
    if (known !== undefined && !finished && now - drawn < interval) return;
    drawn = now;
    output.html(outputHtml(stagesHtml([...stages.values()])));
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
          <td>${curveSvg(stage.numbers)}</td>
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

function curveSvg(numbers: readonly number[]): Html | undefined {
  if (numbers.length < 2) return undefined;
  const stride = Math.ceil(numbers.length / 200);
  const shown = numbers.filter((_, i) => i % stride === 0 || i === numbers.length - 1);
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
    aria-label="from ${numbers[0]} to ${shown.at(-1)}"
  >
    <polyline
      points="${points.join(' ')}"
      fill="none"
      stroke="currentColor"
      vector-effect="non-scaling-stroke"
    />
  </svg>`;
}
