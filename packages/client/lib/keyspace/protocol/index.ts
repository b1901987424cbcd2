export * from './channel';
export * from './event-catalog';
export * from './flags';
export * from './glob';
export * from './notification';
