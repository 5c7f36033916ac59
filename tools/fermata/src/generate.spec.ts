import { decodeAudioFile } from '@fermata/audio';
import { selectBackend } from '@fermata/tensor';
import { testBackends } from '@fermata/testing';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCaptured } from './testing/captured';
import { level1, level2, prior, writeExported } from './testing/exportedModels';
import { tone, wavBytes } from './testing/files';
import { startCommand, until } from './testing/startCommand';

const folder = mkdtempSync(join(tmpdir(), 'fermata-'));
const at = (name: string) => join(folder, name);
const backend = testBackends.at(-1)!;
const environment = { ...process.env };
const models = { two: at('two'), three: at('three'), audio: at('audio') };

beforeAll(async () => {
  process.env.FERMATA_RUNS = at('runs');
  process.env.FERMATA_CACHE = at('cache');
  await selectBackend(backend);
  await writeExported(models.audio, prior(256), [], '1.1');
  await writeExported(models.two, prior(16), [level1]);
  await writeExported(models.three, prior(8), [level1, level2]);
  writeFileSync(at('take.wav'), wavBytes({ channels: [tone(0.5)] }));
});
afterAll(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

/** Standard error without progress. */
const complaints = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => !/\d%/.test(line))
    .join('\n');
const samplesOf = async (name: string) => (await decodeAudioFile(at(name))).channels[0];
const generate = (...args: string[]) => runCaptured('generate', '--backend', backend, ...args);
/** Generates into a WAV file. */
async function wav(name: string, ...args: string[]): Promise<Buffer> {
  const { status, stderr } = await generate('--out', at(name), ...args);
  expect([status, complaints(stderr)]).toEqual([0, '']);
  return readFileSync(at(name));
}

describe('fermata generate', () => {
  it.each(['audio', 'two', 'three'] as const)(
    'makes music of %s levels of the right length',
    async (name) => {
      await wav(`${name}.wav`, '--model', models[name], '--seconds', '0.7');
      const samples = await samplesOf(`${name}.wav`);
      expect(samples).toHaveLength(11200);
      expect(new Set(samples).size).toBeGreaterThan(20);
    },
  );

  it('draws the same with the same seed, and something else with another', async () => {
    const two = ['--model', models.two, '--seconds', '0.3'];
    const first = await wav('a.wav', ...two, '--seed', '5');
    expect(await wav('b.wav', ...two, '--seed', '5')).toEqual(first);
    expect(await wav('c.wav', ...two, '--seed', '6')).not.toEqual(first);
  });

  it('writes the format of the file name, and refuses other extensions', async () => {
    const args = ['--model', models.two, '--seconds', '0.3'];
    const expected = await wav('d.wav', ...args);
    for (const [extension, magic] of Object.entries({ flac: 'fLaC', ogg: 'OggS' })) {
      await generate(...args, '--out', at(`d.${extension}`));
      expect(readFileSync(at(`d.${extension}`)).toString('latin1', 0, 4)).toBe(magic);
    }
    expect(await samplesOf('d.flac')).toEqual(await samplesOf('d.wav'));
    expect(expected).toHaveLength(72 + 2 * 4800);
    await generate(...args, '--out', at('d.mp3'));
    expect(readFileSync(at('d.mp3')).toString('latin1', 0, 4)).not.toBe('RIFF');
    const { status, stderr } = await generate(...args, '--out', at('d.aiff'));
    expect([status, existsSync(at('d.aiff'))]).toEqual([1, false]);
    expect(stderr).toContain('d.aiff');
    expect(stderr).toContain('.wav, .flac, .mp3 or .ogg');
  });

  it('takes settings for all levels and for one', async () => {
    const args = ['--model', models.three, '--seconds', '0.2'];
    const cold = await wav('cold.wav', ...args, '--temperature', '0');
    expect(await wav('also.wav', ...args, '--temperature', '0,3:0')).toEqual(cold);
    expect(await wav('warm.wav', ...args, '--temperature', '0,1:1')).not.toEqual(cold);
    const warm = await wav('warm.wav', ...args);
    expect(await wav('prior.wav', ...args, '--temperature', '1,3:0')).not.toEqual(warm);
    // With only one symbol to draw, seeds make no difference.
    expect(await wav('single.wav', ...args, '--top-k', '1', '--seed', '9')).toEqual(cold);
    const { status, stderr } = await generate(...args, '--out', at('x.wav'), '--temperature', '4:0.5');
    expect(status).toBe(1);
    expect(stderr).toContain('This system has no level 4. Its levels are 1 (audio) to 3.');
    expect((await generate(...args, '--top-p', '2:1.5')).stderr).toContain('Give a number above 0, up to 1.');
  });

  it('goes on from a recording', async () => {
    const args = ['--model', models.three, '--seconds', '0.3', '--prompt', at('take.wav')];
    await wav('on.wav', ...args);
    const samples = await samplesOf('on.wav');
    expect(samples).toHaveLength(8000 + 4800);
    const prompt = await samplesOf('take.wav');
    // 8-bit mu-law is coarse: within a thirtieth.
    const error = Math.max(...samples.subarray(0, 8000).map((sample, t) => Math.abs(sample - prompt[t])));
    expect(error).toBeLessThan(0.035);
    await wav('nothing.wav', '--model', models.three, '--seconds', '0.3');
    expect([...samples.subarray(8000)]).not.toEqual([...(await samplesOf('nothing.wav'))]);
  });

  it('draws several pieces at once, the first as by itself', async () => {
    const args = ['--model', models.two, '--seconds', '0.2'];
    const alone = await wav('alone.wav', ...args);
    const { status, stdout } = await generate(...args, '--out', at('many.wav'), '--count', '3');
    expect(status).toBe(0);
    expect(stdout).toContain('many-1.wav');
    const pieces = [1, 2, 3].map((index) => readFileSync(at(`many-${index}.wav`)));
    expect(pieces[0]).toEqual(alone);
    expect(pieces[1]).not.toEqual(pieces[2]);
    expect((await generate(...args, '--out', '-', '--count', '2')).stderr).toContain('takes only one piece');
  });

  it('begins with codes from encode', async () => {
    const codes = at('codes.json');
    const { status, stderr } = await runCaptured(
      ...['encode', '--model', join(models.two, 'level-1'), at('take.wav'), codes, '--backend', backend],
    );
    expect([status, complaints(stderr)]).toEqual([0, '']);
    const file = JSON.parse(readFileSync(codes, 'utf8')) as { codes: number[] };
    expect(file).toMatchObject({ row: '1.2', run: 'run-0', hop: 8, codebookSize: 16, rate: 16000 });
    expect(file.codes).toHaveLength(1000);
    const args = ['--model', models.two, '--seconds', '0.5', '--temperature', '0'];
    const from = await wav('from.wav', ...args, '--codes', codes);
    expect(from).not.toEqual(await wav('without.wav', ...args));
    // All half a second is in the codes: the result equals decoding them.
    const decoded = await runCaptured(
      ...['decode', codes, at('decoded.wav'), '--model', join(models.two, 'level-1')],
      ...['--temperature', '0', '--backend', backend],
    );
    expect(decoded.status).toBe(0);
    expect(await samplesOf('decoded.wav')).toEqual(await samplesOf('from.wav'));
    writeFileSync(codes, JSON.stringify({ ...file, run: 'another' }));
    expect((await generate(...args, '--out', at('x.wav'), '--codes', codes)).stderr).toContain(
      'holds codes of #1.2, run another (codebook size 16), not of run run-0',
    );
  });

  it('goes on from kept codes to the same music', async () => {
    const args = ['--model', models.three, '--seconds', '0.8'];
    const expected = await wav('whole.wav', ...args);
    const kept = at('kept.jsonl');
    expect(await wav('kept.wav', ...args, '--keep-codes', kept)).toEqual(expected);
    const whole = readFileSync(kept, 'utf8');
    // A kill may cut the file anywhere, even within a line.
    for (const share of [0.15, 0.5, 0.9]) {
      writeFileSync(kept, whole.slice(0, Math.round(share * whole.length)));
      expect(await wav('again.wav', ...args, '--keep-codes', kept)).toEqual(expected);
    }
    const other = await generate(...args, '--seed', '2', '--out', at('x.wav'), '--keep-codes', kept);
    expect(other.stderr).toContain('holds the codes of another generation');
    writeFileSync(kept, 'words\n');
    expect((await generate(...args, '--out', at('x.wav'), '--keep-codes', kept)).status).toBe(1);
  });

  it('leaves a playable file when it is stopped, and goes on when it is killed', async () => {
    const args = ['generate', '--model', models.two, '--seconds', '600', '--out', 'long.wav'];
    const started = startCommand([...args, '--keep-codes', 'long.jsonl'], { folder, backend });
    const size = () => statSync(at('long.wav'), { throwIfNoEntry: false })?.size ?? 0;
    await until(() => size() > 100_000, started);
    started.process.kill('SIGINT');
    expect(await started.end()).toBe(130);
    const stopped = await samplesOf('long.wav');
    expect(stopped.length).toBeGreaterThan(20_000);
    expect(started.stderr).toContain('Stopping: the file holds the music so far.');

    const again = startCommand([...args, '--keep-codes', 'long.jsonl'], { folder, backend });
    await until(() => size() > 4 * stopped.length, again);
    again.process.kill('SIGKILL');
    await again.end();
    const killed = await samplesOf('long.wav');
    expect(killed.length).toBeGreaterThan(stopped.length);
    expect([...killed.subarray(0, stopped.length)]).toEqual([...stopped]);
  }, 120_000);

  it('writes standard output, and everything else elsewhere', async () => {
    const started = startCommand(['generate', '--model', models.two, '--seconds', '0.2', '--out', '-'], {
      folder,
      backend,
    });
    const chunks: Buffer[] = [];
    started.process.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk));
    expect(await started.end()).toBe(0);
    const bytes = Buffer.concat(chunks);
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
    expect(bytes).toHaveLength(72 + 2 * 3200);
    expect(started.stderr).toContain('× real time');
  }, 60_000);

  it.each([
    [['2.1', '--system', '3.4'], 'row and --system name two models. Leave one out.'],
    [['--run', 'a', '--model', 'b'], '--run and --model name two models.'],
    [['--run', 'zz'], 'no run begins with zz'],
    [['9.9'], 'Row 9.9 is unknown. Choose one of 1.1,'],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await generate('--out', at('x.wav'), ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  it('never writes over a file that it reads', async () => {
    const before = readFileSync(at('take.wav'));
    const refused = await generate(
      '--model',
      models.two,
      '--prompt',
      at('take.wav'),
      '--out',
      at('take.wav'),
    );
    expect([refused.status, refused.stderr]).toEqual([
      1,
      `fermata: ${at('take.wav')}: this file is read, and would be written over. Name another file to write.\n`,
    ]);
    for (const command of ['encode', 'reconstruct']) {
      const { status } = await runCaptured(
        ...[command, '--model', join(models.two, 'level-1'), at('take.wav'), at('take.wav')],
      );
      expect(status).toBe(1);
    }
    expect(readFileSync(at('take.wav'))).toEqual(before);
  });

  it('refuses an autoencoder, which cannot draw from nothing', async () => {
    const { stderr } = await generate('--model', join(models.two, 'level-1'), '--out', at('x.wav'));
    expect(stderr).toContain('Row 1.2 is an autoencoder: it cannot draw from nothing.');
  });
});

describe('fermata reconstruct', () => {
  const level = () => join(models.three, 'level-2');

  it('reconstructs audio with an autoencoder of codes through the level below', async () => {
    const { status, stdout } = await runCaptured(
      ...['reconstruct', '--model', level(), at('take.wav'), at('again.flac'), '--backend', backend],
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/again\.flac: 0\.5 s, log-spectral distance (?!0\.00)\d+\.\d\d dB, loudness/);
    expect(await samplesOf('again.flac')).toHaveLength(8000);
  });

  it('draws as its options say', async () => {
    const again = async (name: string, ...args: string[]) => {
      await runCaptured(
        ...['reconstruct', '--model', level(), at('take.wav'), at(name), '--backend', backend, ...args],
      );
      return readFileSync(at(name));
    };
    const first = await again('r1.wav', '--seconds', '0.1');
    expect(first).toHaveLength(72 + 2 * 1600);
    expect(await again('r2.wav', '--seconds', '0.1', '--seed', '2')).not.toEqual(first);
    const cold = await again('r3.wav', '--seconds', '0.1', '--temperature', '0');
    expect(cold).not.toEqual(first);
    expect(await again('r4.wav', '--seconds', '0.1', '--top-k', '1', '--seed', '2')).toEqual(cold);
  });

  it('refuses levels that the model lacks, and options of trainings beside a named model', async () => {
    const reconstruct = (...args: string[]) =>
      runCaptured(
        'reconstruct',
        '--model',
        level(),
        at('take.wav'),
        at('x.wav'),
        '--backend',
        backend,
        ...args,
      );
    expect((await reconstruct('--temperature', '3:0')).stderr).toContain(
      'This system has no level 3. Its levels are 1 (audio) to 2.',
    );
    expect((await reconstruct('--scale', 'small')).stderr).toContain(
      '--scale identifies a training of a row, but --run or --model already names the model. Leave out --scale.',
    );
  });

  it('counts its arguments', async () => {
    const { stderr } = await runCaptured('reconstruct', '--model', level(), '1.2', 'a.wav', 'b.wav');
    expect(stderr).toContain('3 arguments are given, but the command takes <file> <out>.');
    expect((await runCaptured('encode', 'a.wav', 'b.json')).stderr).toContain(
      '2 arguments are given, but the command takes <row> <file> <out>. Name the model by a row, or by --run or --model.',
    );
  });
});
