/** What listeners, streams and batches are given follows from `bufferMode`. */
import type {
  EventName,
  KeyNotification,
  KeyspaceApi,
  KeyspaceGap,
  KeyspaceListener,
  KeyspaceStream,
  KeyspaceSubscription,
  NotificationKind
} from '@redis-keyspace/client';
import { holds, type Same } from './expect';

declare const api: KeyspaceApi;
declare const sometimes: boolean;

async function strings() {
  const subscription = await api.subscribeKeyspace('user:*', (notification, channel) => {
    holds<Same<typeof notification, KeyNotification>>();
    holds<Same<typeof channel, string>>();
    holds<Same<typeof notification.key, string>>();
    holds<Same<typeof notification.subkeys, readonly string[]>>();
    holds<Same<typeof notification.event, EventName>>();
    holds<Same<typeof notification.kind, NotificationKind>>();
  });
  holds<Same<typeof subscription, KeyspaceSubscription>>();
  await api.subscribeKeyevent('expired', ({ key }) => key.toUpperCase(), { bufferMode: false });
  await api.subscribeKeyevent(['set', 'del', 'a-module-event'], async ({ key }) => key.length, { keys: 'user:*' });
}

async function buffers() {
  await api.subscribeKeyspace(
    { prefix: Buffer.of(0xff) },
    (notification, channel) => {
      holds<Same<typeof notification, KeyNotification<Buffer>>>();
      holds<Same<typeof channel, Buffer>>();
      notification.subkeys[0]?.readUInt8(0);
    },
    { bufferMode: true }
  );
  const listener: KeyspaceListener<Buffer> = ({ key }) => key.readUInt8(0);
  await api.subscribeSubkeyspaceItem('key', { key: 'field' }, listener, { bufferMode: true, database: 'all' });
  await api.subscribeSubkeyspaceEvent('hset', 'key', ({ key }) => key.readUInt8(0), { bufferMode: true });
  // @ts-expect-error a listener for Buffers needs bufferMode: true
  await api.subscribeKeyspace('key', listener);
  // @ts-expect-error a listener for Buffers needs bufferMode: true
  await api.subscribeKeyevent('set', ({ key }: KeyNotification<Buffer>) => key, { bufferMode: false });
  // @ts-expect-error with bufferMode: true keys are no strings
  await api.subscribeKeyspace('key', ({ key }: KeyNotification) => key, { bufferMode: true });
}

async function eitherWay() {
  await api.subscribeKeyspace('key', ({ key }) => holds<Same<typeof key, string | Buffer>>(), {
    bufferMode: sometimes
  });
}

async function streams() {
  for await (const notification of await api.subscribeKeyspace('user:*')) {
    holds<Same<typeof notification, KeyNotification>>();
  }
  const stream = await api.subscribeKeyevent('*', { bufferMode: true, overflow: 'coalesce', highWaterMark: 10 });
  holds<Same<typeof stream, KeyspaceStream<KeyNotification<Buffer>>>>();
  for await (const { key } of stream) holds<Same<typeof key, Buffer>>();
  for await (const batch of stream.batches({ max: 100 }))
    holds<Same<typeof batch, readonly KeyNotification<Buffer>[]>>();
  for await (const batch of (await api.subscribeSubkeyevent('hset')).batches()) {
    holds<Same<typeof batch, readonly KeyNotification[]>>();
  }
  // @ts-expect-error with a listener there is nothing to iterate
  (await api.subscribeKeyspace('user:*', () => {}))[Symbol.asyncIterator];
  // @ts-expect-error with a listener there are no batches
  (await api.subscribeKeyspace('user:*', () => {})).batches();
}

async function rescans(gap: KeyspaceGap) {
  const strings = await api.subscribeKeyevent('set', () => {});
  for await (const key of strings.rescan(gap, { count: 10 })) holds<Same<typeof key, string>>();
  const buffers = await api.subscribeKeyspace('user:*', () => {}, { bufferMode: true });
  for await (const key of buffers.rescan({ slots: [] })) holds<Same<typeof key, Buffer>>();
  const stream = await api.subscribeKeyspace('user:*', { bufferMode: true });
  for await (const key of stream.rescan(gap)) holds<Same<typeof key, Buffer>>();
  // @ts-expect-error a rescan is of a gap
  strings.rescan();
  // @ts-expect-error a count is a number
  strings.rescan(gap, { count: '10' });
}

async function handles() {
  await using stream = await api.subscribeKeyspace('user:*');
  stream.on('gap', gap => holds<Same<typeof gap, KeyspaceGap>>());
  stream.once('recovered', ({ until }) => holds<Same<typeof until, Date | undefined>>());
  stream.on('end', () => stream.off('gap', console.log));
  const dropped: number = stream.dropped;
  const nodes: readonly string[] = stream.coverage.nodes;
  await stream.fence();
  // @ts-expect-error the end tells nothing
  stream.on('end', reason => reason);
  // @ts-expect-error coverage is told, not set
  stream.coverage.complete = true;
  // @ts-expect-error a notification is not to be changed
  for await (const notification of stream) notification.key = '';
}

async function unsubscribing() {
  const forStrings: KeyspaceListener = ({ key }) => key.length;
  const forBuffers: KeyspaceListener<Buffer> = ({ key }) => key.length;
  await api.unsubscribeKeyspace();
  await api.unsubscribeKeyspace('user:*', forStrings);
  await api.unsubscribeKeyspace([{ key: 'a' }, { prefix: 'b' }], forBuffers);
  await api.unsubscribeKeyspace(undefined, forStrings);
  await api.unsubscribeKeyevent(['set', 'h*']);
  // @ts-expect-error a name is no listener
  await api.unsubscribeKeyspace('user:*', 'listener');
}
