import { randomKey } from '@fermata/core';
import { selectBackend } from '@fermata/tensor';
import { train, type TrainOptions } from '@fermata/training';

import { modelOf, rowNamed } from '../rows';
import { minimal } from '../testing/minimal';
import { measureSteps } from './measureSteps';

jest.mock('@fermata/training', () => ({
  ...jest.requireActual<object>('@fermata/training'),
  train: jest.fn(),
}));

it("takes the fastest step after the first, with the budget's batch", async () => {
  await selectBackend('wasm');
  const clock = jest.spyOn(performance, 'now').mockReturnValue(99_900); // when it begins
  const trained: TrainOptions[] = [];
  jest.mocked(train).mockImplementation((options) => {
    trained.push(options);
    for (const seconds of [100, 101, 105, 109]) {
      clock.mockReturnValueOnce(seconds * 1000);
      options.onStep!(1, {});
    }
    return Promise.resolve({} as never);
  });
  const { secondsPerStep } = await measureSteps(
    {
      model: modelOf(rowNamed('1.1'), minimal),
      budget: { batchSize: 2, cropLength: 64 },
      steps: 3,
    },
    { onProgress: () => undefined, onWarning: () => undefined, signal: new AbortController().signal },
  );
  expect(secondsPerStep).toBe(1);
  expect(trained[0].config).toMatchObject({ steps: 4, batchSize: 2, cropLength: 64 });
  expect(await trained[0].batch(0, randomKey('any'))).toHaveLength(128);
});
