export * from './compose';
export * from './midi';
export * from './performance';
export * from './piano';
