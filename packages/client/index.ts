export * from './lib/keyspace';
export type * from './lib/types';
export { withKeyspace } from './lib/with-keyspace';
