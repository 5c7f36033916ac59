import { createProgressDisplay } from './display';
import { EtaClock } from './eta';

class Recorder {
  text = '';
  constructor(
    readonly isTTY: boolean,
    readonly columns = 80,
  ) {}

  write(text: string): void {
    this.text += text;
  }

  /** Terminal's contents after all output. */
  screen(): string[] {
    const lines: string[] = [];
    // The output uses two escape sequences: n lines up, then erase to the end.
    for (const part of this.text.split('\u001b')) {
      const up = /^\[(\d+)A$/.exec(part);
      if (up !== null) lines.splice(lines.length - Number(up[1]));
      else lines.push(...part.replace(/^\[J/, '').split('\n').slice(0, -1));
    }
    return lines;
  }
}

describe('EtaClock', () => {
  it('counts from where it was first heard of', () => {
    const clock = new EtaClock();
    expect(clock.update({ stage: 'train', done: 500, total: 1000 }, 10)).toBeUndefined();
    expect(clock.update({ stage: 'train', done: 550, total: 1000 }, 15)).toBe(45);
    expect(clock.update({ stage: 'train', done: 600, total: 1000 }, 30)).toBe(80);
  });

  it('begins again with a stage', () => {
    const clock = new EtaClock();
    clock.update({ stage: 'render', done: 0, total: 10 }, 0);
    clock.update({ stage: 'render', done: 10, total: 10 }, 100);
    expect(clock.update({ stage: 'train', done: 0, total: 10 }, 100)).toBeUndefined();
    expect(clock.update({ stage: 'train', done: 1, total: 10 }, 102)).toBe(18);
  });
});

describe('the progress display', () => {
  it('draws bars over each other on a terminal', () => {
    const stream = new Recorder(true);
    let time = 0;
    const display = createProgressDisplay(stream, () => time);
    display.update('#1.1', { stage: 'train', done: 0, total: 100 });
    time = 10;
    display.update('#1.1', { stage: 'train', done: 25, total: 100, detail: 'NLL 2.310' });
    time = 10.05; // too soon to draw again
    display.update('#1.2 hop', { stage: 'train', done: 1, total: 3 });
    time = 20;
    display.update('#1.2 hop', { stage: 'train', done: 2, total: 3 });
    expect(stream.screen()).toEqual([
      '#1.1     █████░░░░░░░░░░░░░░░ train  25%, 30 s left, NLL 2.310',
      '#1.2 hop █████████████░░░░░░░ train  66%, 10 s left',
    ]);
    display.print('a line above');
    display.finish('#1.2 hop', 'done');
    expect(stream.screen()).toEqual([
      'a line above',
      '#1.2 hop train  66% done',
      '#1.1 █████░░░░░░░░░░░░░░░ train  25%, 30 s left, NLL 2.310',
    ]);
    display.close();
    expect(stream.screen()).toHaveLength(3);
  });

  it('never wraps a line', () => {
    const stream = new Recorder(true, 30);
    createProgressDisplay(stream, () => 0).update('a job', { stage: 'train', done: 1, total: 2 });
    expect(stream.screen()[0]).toHaveLength(29);
  });

  it('prints one line per job every ten seconds elsewhere', () => {
    const stream = new Recorder(false);
    let time = 0;
    const display = createProgressDisplay(stream, () => time);
    for (; time < 25; time++) {
      display.update('#1.1', { stage: 'train', done: time, total: 100, detail: 'NLL 2.310' });
    }
    display.print('a line');
    display.finish('#1.1', 'done');
    display.close();
    expect(stream.text.split('\n')).toEqual([
      '#1.1 train   0%, NLL 2.310',
      '#1.1 train  10%, 1 min 30 s left, NLL 2.310',
      '#1.1 train  20%, 1 min 20 s left, NLL 2.310',
      'a line',
      '#1.1 train  24%, NLL 2.310 done',
      '',
    ]);
  });
});
