import { UserError } from '@fermata/core';
import { selectBackend, tensorflowParts } from '@fermata/tensor';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Runs the specs of models, goldens and trainings on TensorFlow, and names the missing parts where it is missing. */
async function main(): Promise<void> {
  const needed = ['npm package', 'addon', 'libtensorflow'];
  const missing = tensorflowParts().filter(({ name, present }) => !present && needed.includes(name));
  if (missing.length > 0) {
    const lines = missing.map(({ name, detail }) => `  ${name}: ${detail}`);
    throw new UserError('These tests need the backend tensorflow, which misses:', `\n${lines.join('\n')}`);
  }
  const { reason } = await selectBackend('tensorflow');
  console.log(`Node ${process.version}: ${reason}`);
  const root = join(__dirname, '../../..');
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const config = join(root, 'tools/tensorflow/jest.models.config.js');
  const { status } = spawnSync(process.execPath, [jest, '--config', config, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
