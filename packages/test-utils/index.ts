export * from './lib/errors';
export * from './lib/servers/find-servers';
export * from './lib/servers/matrix';
export * from './lib/standalone/redis-server';
export * from './lib/standalone/start-standalone';
