export * from './compose';
export * from './corpus';
export * from './midi';
export * from './performance';
export * from './piano';
