export * from './midi';
export * from './performance';
