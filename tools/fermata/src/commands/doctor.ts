import { kernelsStatus } from '@fermata/kernels';
import { describeBackends, selectBackend, tensorflowParts } from '@fermata/tensor';
import { Command } from 'commander';
import { availableParallelism, cpus, totalmem } from 'node:os';

import { backendOption } from '../backend';

/** `fermata doctor`: the backends of this machine, why others are not available, and TensorFlow's missing parts. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Show the backends of this machine, the one in use, and why each of the others is not available.',
    )
    .addOption(backendOption())
    .option('--json', 'print JSON')
    .action(async (options: { backend?: string; json?: boolean }) => {
      const backends = await describeBackends();
      const selected = await selectBackend(options.backend);
      const machine = {
        node: process.version,
        platform: `${process.platform} ${process.arch}`,
        processor: cpus()[0]?.model ?? 'unknown',
        cores: availableParallelism(),
        memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
      };
      const tensorflow = tensorflowParts();
      const { available: compiled, ...kernels } = kernelsStatus();
      if (options.json === true) {
        console.log(
          JSON.stringify(
            { machine, kernels: { compiled, ...kernels }, selected: selected.name, backends, tensorflow },
            null,
            2,
          ),
        );
        return;
      }
      console.log(`Node ${machine.node} on ${machine.platform}, ${machine.processor}`);
      console.log(`${machine.cores} cores, ${machine.memoryGiB} GiB of memory`);
      console.log('\nBackends, fastest first:');
      for (const { name, available, reason } of backends) {
        const mark = name === selected.name ? 'in use ' : available ? 'yes    ' : 'no     ';
        console.log(`  ${mark} ${name.padEnd(10)} ${reason}`);
      }
      console.log('\nParts of the backend tensorflow, for an NVIDIA GPU:');
      for (const { name, present, detail } of tensorflow) {
        console.log(`  ${present ? 'yes    ' : 'missing'} ${name.padEnd(13)} ${detail}`);
      }
    });
}
