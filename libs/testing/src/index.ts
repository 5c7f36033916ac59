export * from './close';
export * from './goldens';
export * from './gradients';
export * from './leaks';
export * from './randomise';
