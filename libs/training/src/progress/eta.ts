import type { Progress } from '@fermata/core';

/** Estimates the remaining time of a job from its speed since its first report. */
export class EtaClock {
  private first: { readonly done: number; readonly time: number } | undefined;
  private stage = '';
  private total = 0;

  /**
   * @param time current time, in seconds of any clock
   * @returns seconds left, if known; a resumed job counts from the point where it resumed
   */
  update({ stage, done, total }: Progress, time: number): number | undefined {
    if (this.first === undefined || stage !== this.stage || total !== this.total || done < this.first.done) {
      this.first = { done, time };
      this.stage = stage;
      this.total = total;
    }
    const made = done - this.first.done;
    return made > 0 ? ((total - done) * (time - this.first.time)) / made : undefined;
  }
}
