import type { Progress } from '@fermata/core';

/** Works out how long a job still takes, from how fast it has been since it was first heard of. */
export class EtaClock {
  private first: { readonly done: number; readonly time: number } | undefined;
  private stage = '';
  private total = 0;

  /**
   * @param time now, in seconds of any clock
   * @returns the seconds left, when that can be said: a resumed job counts from where it went on
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
