export * from './lib/keyspace';
