import { once } from 'node:events';
import { FakeServer, simple, type FakeConnection, type Reply } from '@redis-keyspace/test-utils';
import { FOREIGN_SLOTS, recordedStream } from './recorded-stream';
import type { StreamReport, StreamRequest } from './stream-process';

/**
 * The process that serves the stream, so that no contender pays for the sending. Its first port plays a
 * standalone server; as a cluster it has two more primaries with a slot each, which say nothing.
 */
async function main(): Promise<void> {
  const servers: FakeServer[] = [];
  const onCommand = (args: readonly string[]) =>
    answer(
      args,
      servers.map(({ port }) => port)
    );
  for (let count = 0; count < 3; count++) servers.push(await FakeServer.start({ onCommand }));
  process.on('message', ({ count }: StreamRequest) => void serve(servers[0], count));
  process.on('disconnect', () => process.exit());
  report({ ports: servers.map(({ port }) => port) });
}

function answer([command, sub]: readonly string[], ports: readonly number[]): Reply | undefined {
  switch (`${command} ${sub ?? ''}`.toUpperCase()) {
    case 'CONFIG GET':
      return new Map<Reply, Reply>([['notify-keyspace-events', 'AKE']]);
    case 'CLUSTER NODES':
      return ports.map((port, index) => nodeLine(port, index)).join('\n');
    case 'CLUSTER SLOTS':
      return ports.map((port, index) => [...slotsOf(index), ['127.0.0.1', port, idOf(index)]]);
    case 'INFO ':
    case 'INFO SERVER':
      return 'redis_version:8.0.0\r\nredis_mode:standalone\r\n';
    case 'READONLY ':
      return simple('OK');
    default:
      return undefined;
  }
}

function nodeLine(port: number, index: number): string {
  const [from, to] = slotsOf(index);
  return `${idOf(index)} 127.0.0.1:${port}@${port + 10_000} ${index === 0 ? 'myself,' : ''}master - 0 0 ${index + 1} connected ${from}-${to}`;
}

function slotsOf(index: number): [from: number, to: number] {
  return index === 0 ? [0, FOREIGN_SLOTS[0] - 1] : [FOREIGN_SLOTS[index - 1], FOREIGN_SLOTS[index - 1]];
}

function idOf(index: number): string {
  return String(index).repeat(40);
}

/** To whoever is subscribed: one contender at a time is. As fast as its socket takes it. */
async function serve(server: FakeServer, count: number): Promise<void> {
  const subscribed = server.connections.filter(({ channels }) => channels.size > 0);
  await Promise.all(subscribed.map(connection => send(connection, count)));
  report({ served: subscribed.length });
}

async function send({ socket }: FakeConnection, count: number): Promise<void> {
  for (const bytes of recordedStream(count)) {
    if (!socket.write(bytes)) await once(socket, 'drain');
  }
}

function report(message: StreamReport): void {
  process.send!(message);
}

void main();
