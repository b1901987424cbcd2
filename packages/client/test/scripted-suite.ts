import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeReply, ScriptedCluster, type FakeConnection, type ScriptedNode } from '@redis-keyspace/test-utils';
import type { KeyspaceOptions, KeyspaceTopologyChange } from '../index';
import { Clients } from './clients';
import { Recorder } from './recorder';
import { perTest } from './resources';

interface ScriptedOptions {
  readonly primaries?: number;
  readonly replicas?: number;
  readonly RESP?: 2 | 3;
  readonly keyspace?: KeyspaceOptions;
}

/** A scripted cluster and a client of it for each test of the suite in whose body it is made. */
export class ScriptedSuite {
  readonly #clients = new Clients();
  readonly #resources = perTest();

  async connect({ primaries = 2, replicas = 0, RESP = 3, keyspace }: ScriptedOptions = {}) {
    const options = { primaries, replicas };
    const cluster = this.#resources.add(await ScriptedCluster.start(options), started => started.stop());
    const client = await this.#clients.cluster(cluster, {
      RESP,
      keyspace: { notifyKeyspaceEvents: 'ignore', heartbeatInterval: 0, ...keyspace }
    });
    const changes: KeyspaceTopologyChange[] = [];
    client.keyspace.on('topology-change', change => changes.push(change));
    /** What was told: 'a set' for what the first node said, 'gap failover' and the like. */
    const told = (recorder: Recorder): string[] =>
      recorder.journal.map(entry => {
        if (entry.type !== 'notification') return `${entry.type} ${entry.gap.reason}`;
        const { node, event } = entry.notification;
        return `${'abcdef'[cluster.nodes.findIndex(({ address }) => address === node)]} ${event}`;
      });
    /** How many slots each node has, as the client sees it. */
    const slots = () => client.keyspace.status().nodes.map(node => node.slots);
    return { cluster, client, changes, told, slots, nodes: cluster.nodes };
  }

  /** As `connect`, and subscribed to all keys. */
  async hear(options?: ScriptedOptions) {
    const connected = await this.connect(options);
    const recorder = new Recorder();
    const subscription = recorder.follow(await connected.client.subscribeKeyspace('*', recorder.listen));
    return { ...connected, recorder, subscription, told: () => connected.told(recorder) };
  }
}

/** What the node is subscribed to, but for what a replica is: the events that only primaries say. */
export function namesOf({ names }: ScriptedNode): string[] {
  return names.filter(name => !/:(expired|evicted|hexpired|spop|h?incrbyfloat)$/.test(name));
}

/** The node says what happened to the key. */
export function say(node: ScriptedNode, key: string, ...events: readonly string[]): void {
  for (const event of events) node.say(`__keyspace@0__:${key}`, event);
}

/** What a node says of an atomic import. */
export function importJob(slots: string, source: ScriptedNode, state = 'streaming-buffer') {
  return { id: `of ${slots}`, slots, source: source.id, operation: 'import', state };
}

/** Sends these bytes in two pieces, which arrive one by one. */
export async function writeInTwo(connection: FakeConnection, bytes: Buffer, cut: number): Promise<void> {
  for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
    connection.write(piece);
    await connection.flushed();
    await nextTurn();
  }
}

/** The bytes of these replies. */
export function framesOf(connection: FakeConnection, ...replies: readonly Parameters<typeof encodeReply>[0][]): Buffer {
  return Buffer.concat(replies.map(reply => encodeReply(reply, connection.protocol)));
}
