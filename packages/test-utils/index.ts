export * from './lib/errors';
export * from './lib/servers/find-servers';
