import { UserError } from '@fermata/core';

import { Contender, ContenderError } from './contender';

const task = { kind: 'data', threads: 1, batch: 1, length: 1, folder: '', shard: '', shardBytes: 0 } as const;
const prepare = (contender: Contender, limit = 30) => contender.prepare({ task, parts: [] }, limit);
const started: Contender[] = [];
/** Node process that runs the text. */
const run = (text: string): Contender => {
  const contender = new Contender({ command: process.execPath, args: ['-e', text] });
  started.push(contender);
  return contender;
};
const answering = (answer: object) =>
  run(`process.stdin.once('data', () => console.log('${JSON.stringify(answer)}'))`);

afterEach(() => {
  for (const contender of started.splice(0)) contender.close();
});

it('gives answers', async () => {
  const contender = run(`require('node:readline').createInterface(process.stdin).on('line', (line) => {
    const { command, part, repetitions } = JSON.parse(line);
    console.log(JSON.stringify(command === 'prepare' ? { version: '1', check: [2] } : { values: [part.length, repetitions] }));
  });`);
  expect(await prepare(contender)).toEqual({ version: '1', check: [2] });
  expect(await contender.measure('step', 7)).toEqual([4, 7]);
});

(process.platform === 'linux' ? it : it.skip)(
  'tells the most memory of a process, not of this one',
  async () => {
    const here = Buffer.alloc(300 * 2 ** 20, 1);
    const holding = (mebibytes: number) =>
      run(`const { length } = Buffer.alloc(${mebibytes} * 2 ** 20, 1);
    process.stdin.once('data', () => console.log(JSON.stringify({ version: '1', check: [length] })));`);
    const [small, large] = [holding(0), holding(200)];
    await Promise.all([prepare(small), prepare(large)]);
    expect(small.peakMemory()).toBeLessThan(here.length / 2 ** 20 / 2);
    const more = large.peakMemory()! - small.peakMemory()!;
    expect(more).toBeGreaterThan(180);
    expect(more).toBeLessThan(220);
  },
);

it('reports a missing program', async () => {
  const contender = new Contender({ command: 'fermata-no-such-program', args: [] });
  const error: unknown = await prepare(contender).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ContenderError);
  expect(error).toMatchObject({
    missing: true,
    message: 'fermata-no-such-program cannot be started (ENOENT)',
  });
  expect(contender.peakMemory()).toBeNull();
});

it('reports the last message of a process that ended', async () => {
  await expect(
    prepare(run(`console.error('starting'); console.error('no memory'); process.exit(3)`)),
  ).rejects.toThrow(new ContenderError('its process ended: no memory', false));
});

it('gives up on a process that is not ready in time', async () => {
  await expect(prepare(run('setInterval(() => 0, 1000)'), 0.1)).rejects.toThrow(
    'it was not ready after 0.1 s',
  );
});

it('passes on the error of a process', async () => {
  const missing: unknown = await prepare(answering({ error: 'No module named torch', missing: true })).catch(
    (reason: unknown) => reason,
  );
  expect(missing).toMatchObject({ name: 'ContenderError', message: 'No module named torch', missing: true });
  await expect(prepare(answering({ error: 'it has no backend.', remedy: 'Install one.' }))).rejects.toThrow(
    new UserError('it has no backend.', 'Install one.'),
  );
});
