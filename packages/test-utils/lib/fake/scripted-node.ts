import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseClusterNodes, type NodeView } from '../cluster/cluster-view';
import { slotOf } from '../cluster/slot-key';
import type { FakeConnection } from './fake-connection';
import { type FakeServer, type Script } from './fake-server';
import { error, push, type Reply } from './reply';

type Answer = Awaited<ReturnType<Script>>;

/** A command that is kept waiting for its answer. */
export interface HeldCommand {
  /** Resolves with the connection when the command has arrived. */
  readonly asked: Promise<FakeConnection>;
  /** Has it answered, by what is given or as things are then. Resolves when the answer has been sent. */
  release(answer?: Answer): Promise<void>;
}

interface Hold extends HeldCommand {
  readonly words: readonly string[];
  arrive(connection: FakeConnection): Promise<Answer>;
}

/**
 * One node of a scripted cluster: all that it answers follows from one view, the text of its CLUSTER NODES. What it
 * takes away and what it says of keys it sends when it is told to, and at no other time.
 */
export class ScriptedNode {
  readonly id: string;
  readonly server: FakeServer;
  /** What it says from now on, whatever is true. */
  view: string | undefined;
  /** What it says to CLUSTER MIGRATION STATUS. */
  imports: readonly Readonly<Record<string, string>>[] = [];
  /** What it says to INFO besides its role. */
  readonly info: Record<string, number> = { master_repl_offset: 100, repl_backlog_active: 1, sync_full: 0 };
  /** Asked first; what it leaves undefined is answered as usual. */
  script: Script | undefined;
  readonly #truth: () => string;
  #holds: Hold[] = [];

  constructor(id: string, server: FakeServer, truth: () => string) {
    this.id = id;
    this.server = server;
    this.#truth = truth;
  }

  get address(): string {
    return this.server.address;
  }

  /** The connection on which something is subscribed; of several the last. */
  get subscriber(): FakeConnection {
    return this.server.connections.findLast(({ channels }) => channels.size > 0)!;
  }

  /** What is subscribed there, but for sharded channels. */
  get names(): string[] {
    const names = this.server.connections.flatMap(({ channels }) => [...channels]);
    return names.filter(name => !name.startsWith('ssubscribe')).sort();
  }

  /** The messages by which a subscriber hears this: one for each of its names that matches. */
  messages(channel: string, payload: string): Reply[] {
    return [...this.subscriber.channels].flatMap(entry => {
      const [kind, name] = splitOnce(entry);
      if (kind === 'psubscribe' && matches(name, channel)) return push('pmessage', name, channel, payload);
      return kind === 'subscribe' && name === channel ? push('message', channel, payload) : [];
    });
  }

  say(channel: string, payload: string): void {
    for (const message of this.messages(channel, payload)) this.subscriber.reply(message);
  }

  /** The message that takes away what is subscribed of this slot. */
  taking(slot: number): Reply {
    const { channels } = this.subscriber;
    const taken = [...channels].find(entry => entry.startsWith('ssubscribe ') && slotOf(splitOnce(entry)[1]) === slot);
    if (taken === undefined) throw new Error(`nothing of slot ${slot} is subscribed at ${this.address}`);
    channels.delete(taken);
    return push('sunsubscribe', splitOnce(taken)[1], 0);
  }

  take(slot: number): void {
    this.subscriber.reply(this.taking(slot));
  }

  /** The next command that begins so is not answered before its release, nor is what follows it on its connection. */
  hold(...words: readonly string[]): HeldCommand {
    let arrive!: (connection: FakeConnection) => void;
    let open!: (answer: Answer) => void;
    const asked = new Promise<FakeConnection>(resolve => (arrive = resolve));
    const opened = new Promise<Answer>(resolve => (open = resolve));
    const hold: Hold = {
      words,
      asked,
      arrive: connection => {
        arrive(connection);
        return opened;
      },
      release: async answer => {
        open(answer);
        await nextTurn();
      }
    };
    this.#holds.push(hold);
    return hold;
  }

  readonly answer: Script = async (args, connection, bytes) => {
    const hold = this.#holds.find(({ words }) => words.every((word, index) => word === args[index]?.toUpperCase()));
    this.#holds = this.#holds.filter(other => other !== hold);
    const given = await hold?.arrive(connection);
    if (given !== undefined) return given;
    return (await this.script?.(args, connection, bytes)) ?? this.#usual(args);
  };

  #usual([name, sub]: readonly string[]): Reply | undefined {
    switch (name.toUpperCase()) {
      case 'CLUSTER':
        return this.#cluster(sub.toUpperCase());
      case 'SSUBSCRIBE':
        return this.#moved(slotOf(sub));
      case 'INFO':
        return Object.entries({ redis_version: '8.8.0', role: this.#isPrimary ? 'master' : 'slave', ...this.info })
          .map(([field, value]) => `${field}:${value}`)
          .join('\r\n');
      case 'CONFIG':
        return new Map([['notify-keyspace-events', 'AKE']]);
      default:
        return undefined;
    }
  }

  #cluster(question: string): Reply | undefined {
    switch (question) {
      case 'NODES':
        return this.#text;
      case 'SLOTS':
        return this.#nodes.flatMap(node => node.slots.map((range): Reply => [...range, endpoint(node)]));
      case 'SHARDS':
        return this.#nodes.map(node => new Map([['nodes', [new Map(Object.entries(shardNode(node)))]]]));
      case 'MIGRATION':
        return this.imports.map(job => new Map(Object.entries(job)));
      default:
        return undefined;
    }
  }

  /** It has what belongs to it or to its primary; undefined for a confirmation. */
  #moved(slot: number): Reply | undefined {
    const owner = this.#nodes.find(({ slots }) => slots.some(([from, to]) => slot >= from && slot <= to));
    const own = this.#myself.primaryId ?? this.id;
    if (!owner) return error('CLUSTERDOWN Hash slot not served');
    return owner.id === own ? undefined : error(`MOVED ${slot} ${owner.address}`);
  }

  get #text(): string {
    return this.view ?? this.#truth();
  }

  get #nodes(): readonly NodeView[] {
    return parseClusterNodes(this.#text);
  }

  get #myself(): NodeView {
    return this.#nodes.find(({ isMyself }) => isMyself)!;
  }

  get #isPrimary(): boolean {
    return this.#myself.isPrimary;
  }
}

function splitOnce(entry: string): [kind: string, name: string] {
  const at = entry.indexOf(' ');
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** Patterns of these scripts have no special character but `*`. */
function matches(pattern: string, channel: string): boolean {
  const source = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's').test(channel);
}

function endpoint({ id, address }: NodeView): Reply {
  const [host, port] = address.split(':');
  return [host, Number(port), id, []];
}

function shardNode({ id, address }: NodeView): Record<string, Reply> {
  const [endpoint, port] = address.split(':');
  return { id, port: Number(port), ip: endpoint, endpoint };
}
