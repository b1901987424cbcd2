/** What must not compile, each with the reason. */
import { createClient, type RedisClientType } from '@redis/client';
import {
  withKeyspace,
  type EventName,
  type KeyNotification,
  type KeyspaceApi,
  type KeyspaceOptions,
  type KeyTarget,
  type SubscribeOptions
} from '@redis-keyspace/client';

declare const api: KeyspaceApi;
declare const target: readonly KeyTarget[];
const listener = (notification: KeyNotification) => notification.key;

// What may be a target.
api.subscribeKeyspace('key', listener);
api.subscribeKeyspace(Buffer.of(0), listener);
api.subscribeKeyspace({ key: 'key' }, listener);
api.subscribeKeyspace({ pattern: Buffer.from('k*') }, listener);
api.subscribeKeyspace(target, listener);
api.subscribeKeyspace(['key', { prefix: 'user:' }] as const, listener);

// @ts-expect-error a number is no key
api.subscribeKeyspace(1, listener);
// @ts-expect-error neither in a list
api.subscribeKeyspace(['key', 1], listener);
// @ts-expect-error nor in an object
api.subscribeKeyspace({ key: 1 }, listener);
// @ts-expect-error a regular expression is no pattern of the servers
api.subscribeKeyspace(/^user:/, listener);
// @ts-expect-error a target must be named
api.subscribeKeyspace();
// @ts-expect-error null is no target
api.subscribeKeyspace(null, listener);
// @ts-expect-error no such kind of target
api.subscribeKeyspace({ suffix: ':user' }, listener);
// @ts-expect-error an event is a name, not a target
api.subscribeKeyevent({ prefix: 'exp' }, listener);
// @ts-expect-error an event is text
api.subscribeKeyevent(Buffer.from('expired'), listener);
// @ts-expect-error which fields, is missing
api.subscribeSubkeyspaceItem('key', listener);
// @ts-expect-error of which key, is missing
api.subscribeSubkeyspaceEvent('hset', listener);

// @ts-expect-error a listener is a function
api.subscribeKeyspace('key', 'listener');
// @ts-expect-error the notification comes first, the channel second
api.subscribeKeyspace('key', (channel: string, notification: KeyNotification) => channel);
// @ts-expect-error a listener is given two arguments
api.subscribeKeyspace('key', (a: KeyNotification, b: string, c: number) => c);
// @ts-expect-error keys are strings
api.subscribeKeyspace('key', (notification: KeyNotification<number>) => notification.key);
// @ts-expect-error keys are strings without bufferMode: true
api.subscribeKeyspace('key', ({ key }) => key.readUInt8(0));

// @ts-expect-error databases are numbers
api.subscribeKeyspace('key', listener, { database: '1' });
// @ts-expect-error so are those of a list
api.subscribeKeyspace('key', listener, { database: [0, '1'] });
// @ts-expect-error the word is 'all'
api.subscribeKeyspace('key', listener, { database: '*' });
// @ts-expect-error no such policy
api.subscribeKeyspace('key', listener, { overflow: 'drop' });
// @ts-expect-error no such option
api.subscribeKeyspace('key', listener, { returnBuffers: true });
// @ts-expect-error the option is abortSignal
api.subscribeKeyspace('key', listener, { signal: AbortSignal.timeout(1) });
// @ts-expect-error a controller is no signal
api.subscribeKeyspace('key', listener, { abortSignal: new AbortController() });
// @ts-expect-error a number is wanted
api.subscribeKeyspace('key', listener, { highWaterMark: '10' });
// @ts-expect-error 'hide' or 'show'
api.subscribeKeyspace('key', listener, { slotMigration: true });
// @ts-expect-error options are the last argument
api.subscribeKeyspace('key', { bufferMode: true }, listener);
// @ts-expect-error bufferMode is an option, not an argument as of upstream's subscribe
api.subscribeKeyspace('key', listener, true);
// @ts-expect-error the handle is awaited
api.subscribeKeyspace('key', listener).unsubscribe();
// @ts-expect-error the options' own type holds as well
const options: SubscribeOptions = { overflow: 'drop' };

// @ts-expect-error 'check', 'enable' or 'ignore'
withKeyspace(createClient(), { notifyKeyspaceEvents: 'KEA' });
// @ts-expect-error milliseconds are a number
withKeyspace(createClient(), { subscribeTimeout: '10s' });
// @ts-expect-error no such option
withKeyspace(createClient(), { heartbeat: 1_000 });
// @ts-expect-error no such option in a value of the type
const keyspace: KeyspaceOptions = { heartbeat: 1_000 };
// @ts-expect-error not a client
withKeyspace({});
// @ts-expect-error the client is awaited
withKeyspace(createClient().connect());
// @ts-expect-error there must be one
withKeyspace();
// @ts-expect-error a client of upstream has no API until it is given one
createClient().subscribeKeyspace('key');
// @ts-expect-error the keyspace of a client is not to be replaced
withKeyspace(createClient()).keyspace = undefined;
// @ts-expect-error no such event
api.keyspace.on('reconnected', () => {});
// @ts-expect-error a known event has its own argument
api.keyspace.on('gap', (gap: Date) => gap);

// Events are completed by the editor, and any other name is legal.
const known: EventName = 'expired';
const unknown: EventName = 'my-module.event';
// @ts-expect-error a name is text
const wrong: EventName = 1;

// What `withKeyspace` returns is still what it was.
const client: RedisClientType = withKeyspace(createClient());
