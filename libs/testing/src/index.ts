export * from './backends';
export * from './close';
export * from './fromSources';
export * from './goldens';
export * from './gradients';
export * from './leaks';
export * from './randomise';
