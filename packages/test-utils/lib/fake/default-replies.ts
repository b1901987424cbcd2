import type { FakeConnection } from './fake-connection';
import { NO_REPLY, error, push, simple, type Reply } from './reply';

type Answer = (
  args: readonly string[],
  connection: FakeConnection,
  bytes: readonly Buffer[]
) => Reply | typeof NO_REPLY;

const OK: Answer = () => simple('OK');

/** What the scripted server says by itself to the commands that every client begins with. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  HELLO: hello,
  PING: ([, text], connection) =>
    connection.protocol === 2 && connection.channels.size > 0
      ? ['pong', text ?? '']
      : text === undefined
        ? simple('PONG')
        : text,
  CLIENT: ([, sub]) => (sub?.toUpperCase() === 'ID' ? 1 : simple('OK')),
  SELECT: OK,
  AUTH: OK,
  READONLY: OK,
  ASKING: OK,
  QUIT: OK,
  SUBSCRIBE: subscribe('subscribe'),
  PSUBSCRIBE: subscribe('psubscribe'),
  SSUBSCRIBE: subscribe('ssubscribe'),
  UNSUBSCRIBE: unsubscribe('unsubscribe', 'subscribe'),
  PUNSUBSCRIBE: unsubscribe('punsubscribe', 'psubscribe'),
  SUNSUBSCRIBE: unsubscribe('sunsubscribe', 'ssubscribe')
};

/** The default reply; an unknown command gets the error that a server would send. */
export function defaultReply(
  args: readonly string[],
  connection: FakeConnection,
  bytes: readonly Buffer[]
): Reply | typeof NO_REPLY {
  const answer = ANSWERS[args[0].toUpperCase()];
  return answer ? answer(args, connection, bytes) : error(`ERR unknown command '${args[0]}'`);
}

function hello([, version]: readonly string[], connection: FakeConnection): Reply {
  if (version === '2' || version === '3') {
    connection.protocol = Number(version) as 2 | 3;
  }
  return new Map<Reply, Reply>([
    ['server', 'redis'],
    ['version', '8.0.0'],
    ['proto', connection.protocol],
    ['id', connection.id],
    ['mode', 'standalone'],
    ['role', 'master'],
    ['modules', []]
  ]);
}

function subscribe(kind: string): Answer {
  return (_, connection, [, ...names]) => {
    for (const name of names) {
      connection.channels.add(`${kind} ${name.toString('latin1')}`);
      connection.reply(push(kind, name, count(connection, kind)));
    }
    return NO_REPLY;
  };
}

function unsubscribe(kind: string, opposite: string): Answer {
  return (_, connection, [, ...names]) => {
    const subscribed = [...connection.channels]
      .filter(entry => entry.startsWith(`${opposite} `))
      .map(entry => Buffer.from(entry.slice(opposite.length + 1), 'latin1'));
    const gone: readonly (Buffer | null)[] = names.length ? names : subscribed.length ? subscribed : [null];
    for (const name of gone) {
      connection.channels.delete(`${opposite} ${name?.toString('latin1') ?? ''}`);
      connection.reply(push(kind, name, count(connection, opposite)));
    }
    return NO_REPLY;
  };
}

/** Servers count channels and patterns together, and sharded channels apart. */
function count({ channels }: FakeConnection, kind: string): number {
  return [...channels].filter(entry => entry.startsWith('ssubscribe ') === (kind === 'ssubscribe')).length;
}
