// Prints the samples per second that the incremental sampler draws from an untrained WaveNet.
// node tools/bench/sampler.js [layers = 30] [channels = 64] [head = 256] [streams = 1] [samples = 4000]
const { randomKey, split } = require('@fermata/core');
const { selectBackend } = require('@fermata/tensor');
const { repeatDilations, sample, WaveNet } = require('@fermata/wavenet');

const [layers = 30, channels = 64, head = 256, streams = 1, samples = 4000] = process.argv
  .slice(2)
  .map(Number);

async function main() {
  await selectBackend('cpu');
  const dilations = repeatDilations(Math.ceil(layers / 10), 10).slice(0, layers);
  const config = {
    symbols: 256,
    input: 'one-hot',
    dilations,
    width: 2,
    channels,
    gate: channels,
    skip: channels,
    head,
  };
  const model = new WaveNet(config, randomKey(1));
  const keys = split(randomKey(2), streams);
  await sample(model, { keys, steps: 200 }); // until the engine has compiled it
  const start = process.hrtime.bigint();
  await sample(model, { keys, steps: samples });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const rate = Math.round((samples * streams) / seconds);
  console.log(`${rate} samples/s (${layers} layers, ${channels} channels, head ${head}, streams ${streams})`);
}

void main();
