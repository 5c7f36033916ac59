// Runs every example of the guide and the README in a folder of its own, with the models that `npm start` has trained:
//
//   node .ci/examples.mjs FOLDER
//
// Examples with somebody's recordings get some of ours and the scale tiny; ids of runs are looked up by their rows;
// hours become seconds. An example that fails ends the program with its status.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { decodeAudioFile, writeWav } from '@fermata/audio';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(process.argv[2]);
const audio = (name) => join(root, 'reports/smoke/audio', name);
const environment = {
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
  HOME: folder,
  FERMATA_RUNS: join(root, '.fermata/runs'),
  FERMATA_CACHE: join(root, '.fermata/cache'),
};

// As recordings of somebody's own: Fermata leaves out what it wrote itself.
mkdirSync(join(folder, 'piano'), { recursive: true });
copyFileSync(audio('original-1.wav'), join(folder, 'take.wav'));
for (const name of ['original-1.wav', 'original-2.wav', 'generated.wav']) {
  const { channels, sampleRate } = await decodeAudioFile(audio(name));
  writeWav(join(folder, 'piano', name), channels[0], sampleRate, { isRecording: true });
}

const runs = JSON.parse(
  execFileSync('fermata', ['runs', '--json'], { encoding: 'utf8', env: environment, shell: true }),
);
const runOf = (row) => runs.find((run) => run.row === row && run.scale === 'smoke').run;

/** An example as it runs here. */
function adapted(line) {
  const ofRecordings = line.includes('~/piano');
  return line
    .replace(/^npx /, '')
    .replace(/\s+#.*$/, '')
    .replace('| aplay', '> played.wav')
    .replace(/--run dc44/, `--run ${runOf('2.1')}`)
    .replace(/\b4bca\b/, runOf('1.2'))
    .replace(/--prune e1f2/, `--prune ${runOf('1.7')}`)
    .replace('--seconds 600', '--seconds 6')
    .replace('--scale small', ofRecordings ? '--scale tiny' : '--scale small')
    .replace('--seeds 1,2,3', '--seeds 1 --rows 1.1 1.2');
}

// The guide needs these before they stand in it: a prior on somebody's recordings, and codes.
const prelude = ['fermata train 2.1 --scale tiny --data ~/piano', 'fermata encode 1.2 take.wav codes.json'];
const examples = ['docs/guide.md', 'README.md'].flatMap((file) => {
  const blocks = readFileSync(join(root, file), 'utf8').match(/```sh\n[^]*?```/g) ?? [];
  return blocks
    .flatMap((block) => block.split('\n'))
    .filter((line) => /^npx fermata /.test(line))
    .map(adapted);
});

const commands = [...new Set([...prelude, ...examples])];
for (const [index, command] of commands.entries()) {
  console.log(`\n--- example ${index + 1} of ${commands.length}: ${command}`);
  const { status } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    console.error(`The example failed with status ${status}: ${command}`);
    process.exit(status ?? 1);
  }
}
