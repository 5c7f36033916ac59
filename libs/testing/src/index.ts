export { testBackends } from './backends';
export { expectClose, type Values } from './close';
export { fromSources } from './fromSources';
export { goldenTensor, loadGoldens, type Golden, type GoldenArray } from './goldens';
export { expectGradients } from './gradients';
export { expectNoLeak } from './leaks';
export { randomiseWeights } from './randomise';
