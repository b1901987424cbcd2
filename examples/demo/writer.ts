import { keyInSlot } from '@redis-keyspace/test-utils';
import type { RedisClusterType } from 'redis-keyspace';
import type { Ledger } from './ledger';

type Cluster = RedisClusterType;

interface Write {
  readonly type: string;
  /** What the server says of it. */
  readonly events: readonly string[];
  run(cluster: Cluster, key: string): Promise<unknown>;
}

const WRITES: readonly Write[] = [
  { type: 'string', events: ['set'], run: (cluster, key) => cluster.set(key, 'value') },
  { type: 'hash', events: ['hset'], run: (cluster, key) => cluster.hSet(key, { field: 'value' }) },
  { type: 'list', events: ['lpush'], run: (cluster, key) => cluster.lPush(key, ['a', 'b']) },
  { type: 'set', events: ['sadd'], run: (cluster, key) => cluster.sAdd(key, 'member') },
  { type: 'zset', events: ['zadd'], run: (cluster, key) => cluster.zAdd(key, { score: 1, value: 'member' }) },
  { type: 'stream', events: ['xadd'], run: (cluster, key) => cluster.xAdd(key, '*', { field: 'value' }) },
  {
    type: 'short-lived',
    events: ['set', 'expire'],
    run: (cluster, key) => cluster.set(key, 'value', { expiration: { type: 'PX', value: 500 } })
  }
];

/** Milliseconds between two rounds of writes. */
const INTERVAL = 20;
const WRITES_A_ROUND = 8;
/** Of the keys that nothing else happens to, so many are kept for a delete. */
const KEPT = 500;
/** Writes without an answer: no more are begun. */
const MAX_PENDING = 1_000;

/** Writes keys of several types, and deletes some, until it is stopped; every write is entered in the ledger. */
export class Writer {
  readonly #cluster: Cluster;
  readonly #ledger: Ledger;
  readonly #kept: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #pending = 0;
  /** Every second key is one of these slots. */
  focus: readonly number[] = [];
  /** Writes that a server, or the lack of one, refused. */
  failed = 0;

  constructor(cluster: Cluster, ledger: Ledger) {
    this.#cluster = cluster;
    this.#ledger = ledger;
  }

  start(): void {
    this.#timer = setInterval(() => this.#round(), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get pending(): number {
    return this.#pending;
  }

  #round(): void {
    for (let count = 0; count < WRITES_A_ROUND && this.#pending < MAX_PENDING; count++) {
      const write = WRITES[this.#count % WRITES.length];
      const key = this.#nextKey(write.type);
      void this.#enter(key, write.events, () => write.run(this.#cluster, key));
      if (write.type !== 'short-lived') this.#kept.push(key);
    }
    if (this.#kept.length > KEPT || Math.random() < 0.5) {
      const key = this.#kept.shift();
      if (key !== undefined) void this.#enter(key, ['del'], () => this.#cluster.del(key));
    }
  }

  #nextKey(type: string): string {
    const number = this.#count++;
    const prefix = `${type}:`;
    if (!this.focus.length || number % 2) return `${prefix}${number}`;
    return `${keyInSlot(this.focus[(number >> 1) % this.focus.length], prefix)}:${number}`;
  }

  async #enter(key: string, events: readonly string[], run: () => Promise<unknown>): Promise<void> {
    const sentAt = Date.now();
    this.#pending++;
    try {
      const answer = await run();
      // A key that a crash has lost is not there to be deleted.
      if (answer === 0) return;
      for (const event of events) this.#ledger.wrote(event, key, sentAt, Date.now());
    } catch {
      this.failed++;
    } finally {
      this.#pending--;
    }
  }
}
