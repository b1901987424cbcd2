import {
  ClientClosedError,
  ClientOfflineError,
  clusterNodeOptions,
  clusterRootOptions,
  ErrorReply,
  keyPrefixOf,
  onRediscovery,
  rediscover,
  type UpstreamCluster
} from '../../upstream';
import { KeyspaceArgumentError } from '../errors';
import type { Front } from '../front';
import { openConnection } from '../nodes/connection';
import type { LookContext } from '../nodes/topology-watcher';
import { within } from '../nodes/within';
import { parseClusterNodes, type ClusterView } from '../plan/cluster-view';
import { mergeViews } from '../plan/merged-views';
import { RememberedNodes } from '../plan/remembered-nodes';
import type { Topology } from '../plan/topology';
import { ClusterEndpoints } from './cluster-endpoints';
import { askOnce, openForScan } from './dedicated';

/** Somebody who can be asked what the cluster looks like. */
interface Witness {
  readonly host: string;
  look(): Promise<unknown>;
  ask(args: readonly string[]): Promise<unknown>;
}

const LOOK = ['CLUSTER', 'NODES'];

/** Up to so many primaries are all asked at each look; of more, so many in turn. */
const MAX_WITNESSES = 6;
/** Milliseconds to wait for a witness. */
const WITNESS_TIMEOUT = 1_000;
/** Milliseconds to wait for the others when one has answered: one that hangs must not hide what the others know. */
const GRACE = 200;
const HINTS = ['node-reconnecting', 'node-disconnect', 'node-ready'] as const;

/** A cluster: every primary, found, followed and let go as the cluster changes. */
export class ClusterFront implements Front {
  readonly kind = 'cluster';
  readonly isSharded = true;
  readonly defaultDatabase = 0;
  readonly keyPrefix: Buffer;
  readonly #cluster: UpstreamCluster & NodeJS.EventEmitter;
  readonly #endpoints: ClusterEndpoints;
  readonly #databases = new Set([0]);
  #turn = 0;
  readonly #remembered = new RememberedNodes();
  /** Most looks see what the one before saw. */
  #seen: { readonly said: string; readonly topology: Topology | undefined } | undefined;
  /** Our own request to upstream to look anew must not come back to us as a hint. */
  #refreshing = false;

  constructor(cluster: UpstreamCluster) {
    this.#cluster = cluster as UpstreamCluster & NodeJS.EventEmitter;
    this.keyPrefix = keyPrefixOf(cluster);
    const socket = cluster._options.defaults?.socket;
    this.#endpoints = new ClusterEndpoints(socket?.tls === true);
  }

  assertOpen(): void {
    if (!this.#cluster.isOpen) throw new ClientClosedError();
    if (!this.#cluster.isReady) throw new ClientOfflineError();
  }

  /**
   * @throws {KeyspaceArgumentError} a database that the servers do not have: Redis clusters have one, Valkey 9
   * as many as `cluster-databases` says. SELECT tells, where CONFIG may be refused.
   */
  async prepare(databases: readonly number[]): Promise<void> {
    const unknown = databases.filter(database => !this.#databases.has(database));
    const [node] = this.#cluster.masters;
    if (!unknown.length || !node) return;
    await askOnce(clusterNodeOptions(this.#cluster, node.host, node.port), async send => {
      for (const database of unknown) {
        await send(['SELECT', String(database)]).catch((cause: unknown) => {
          if (!(cause instanceof ErrorReply)) throw cause;
          throw new KeyspaceArgumentError('database', 'one that the servers have', database, { cause });
        });
        this.#databases.add(database);
      }
    });
  }

  readonly connect: Front['connect'] = (node, handler, signal) =>
    openConnection(clusterNodeOptions(this.#cluster, node.host, node.port), handler, signal);

  ask: Front['ask'] = (node, use) => askOnce(clusterNodeOptions(this.#cluster, node.host, node.port), use);

  openForScan: Front['openForScan'] = (node, signal, timeout) =>
    openForScan(clusterNodeOptions(this.#cluster, node.host, node.port), timeout, signal);

  async look(context: LookContext): Promise<Topology | undefined> {
    const answers = await firstAnswers([() => this.#subscribed(context), () => this.#upstream(), () => this.#roots()]);
    if (!answers.length) return undefined;
    const said = answers.map(({ text }) => text).join('\n');
    if (this.#seen?.said === said) return this.#seen.topology;
    const [{ witness }] = answers;
    const views = answers.map(({ view }) => view);
    await this.#endpoints.learn(views, args => witness.ask(args), witness.host);
    const topology = mergeViews(this.#remembered.complete(views), node => this.#endpoints.of(node));
    this.#seen = { said, topology };
    return topology;
  }

  watch(hint: () => void): () => void {
    const stop = onRediscovery(this.#cluster, () => {
      if (!this.#refreshing) hint();
    });
    for (const event of HINTS) this.#cluster.on(event, hint);
    return () => {
      stop();
      for (const event of HINTS) this.#cluster.off(event, hint);
    };
  }

  onTopology(): void {
    if (!this.#cluster.isReady) return;
    this.#refreshing = true;
    rediscover(this.#cluster);
    this.#refreshing = false;
  }

  reportError(error: unknown): void {
    this.#cluster.emit('error', error);
  }

  /** The primaries that are subscribed: all of a few, of many some in turn; and whoever has hinted at a change. */
  #subscribed({ nodes, hinted }: LookContext): Witness[] {
    const connected = [...nodes].filter(([, { state }]) => state === 'ready' || state === 'subscribing');
    const ready = connected.filter(([, { node }]) => node.role === 'primary');
    const turn = this.#turn++ * MAX_WITNESSES;
    const chosen =
      ready.length <= MAX_WITNESSES
        ? ready
        : ready.map((_, index) => ready[(turn + index) % ready.length]).slice(0, MAX_WITNESSES);
    const also = connected.filter(entry => hinted.has(entry[0]) && !chosen.includes(entry));
    return [...also, ...chosen].map(([, node]) => ({
      host: hostOf(node.address),
      look: () => node.look(),
      ask: args => node.command(args)
    }));
  }

  #upstream(): Witness[] {
    const ready = this.#cluster.masters.filter(node => node.client?.isReady).slice(0, MAX_WITNESSES);
    return ready.map(node => witness(node.host, args => node.client!.sendCommand(args)));
  }

  #roots(): Witness[] {
    const known = this.#cluster.masters.map(({ host, port }) => clusterNodeOptions(this.#cluster, host, port));
    return [...known, ...clusterRootOptions(this.#cluster)].slice(0, 2 * MAX_WITNESSES).map(options => {
      const { host = 'localhost' } = (options.socket ?? {}) as { host?: string };
      return witness(host, args => askOnce(options, send => send(args)));
    });
  }
}

function witness(host: string, ask: Witness['ask']): Witness {
  return { host, ask, look: () => ask(LOOK) };
}

interface Answer {
  readonly witness: Witness;
  /** What it said, without the times of pings and pongs, which never stand still. */
  readonly text: string;
  readonly view: ClusterView;
}

const PING_AND_PONG = / \d+ \d+ (?=\d+ (?:dis)?connected)/g;

/** The views of the first group of which anybody answers. */
async function firstAnswers(groups: readonly (() => readonly Witness[])[]): Promise<Answer[]> {
  for (const group of groups) {
    const answers = await answersOf(group());
    if (answers.length) return answers;
  }
  return [];
}

/** In the order of the witnesses. */
async function answersOf(witnesses: readonly Witness[]): Promise<Answer[]> {
  const answers: (Answer | undefined)[] = witnesses.map(() => undefined);
  const questions = witnesses.map(async (witness, index) => (answers[index] = await question(witness)));
  const all = Promise.allSettled(questions).then(() => undefined);
  await Promise.any(questions).catch(() => undefined);
  await within(all, GRACE, () => new Error('late')).catch(() => undefined);
  return answers.flatMap(answer => answer ?? []);
}

async function question(witness: Witness): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${witness.host} did not answer CLUSTER NODES`)), WITNESS_TIMEOUT);
    timer.unref();
  });
  try {
    const text = String(await Promise.race([witness.look(), late]));
    const view = parseClusterNodes(text);
    if (!view.nodes.size) throw new Error(`${witness.host} answered no nodes`);
    return { witness, view, text: text.replace(PING_AND_PONG, ' ') };
  } finally {
    clearTimeout(timer);
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
