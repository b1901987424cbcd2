import assert from 'node:assert/strict';
import calculateSlot from 'cluster-key-slot';
import fc from 'fast-check';
import { ErrorReply } from '../../upstream';
import { Subscription, type SubscriptionOwner } from '../delivery/subscription';
import { KeyspaceTimeoutError } from '../errors';
import { makeTopology, type Topology } from '../plan/topology';
import { parseCall } from '../subscribe-call';
import { rescan, type RescanHost } from './rescan';
import type { ScanConnection } from './scanner';

const IDS = ['a', 'b', 'c'] as const;
type Id = (typeof IDS)[number];
const TAGS = ['x', 'y', 'z'] as const;
const KEYS = TAGS.flatMap(tag => Array.from({ length: 6 }, (_, index) => `{${tag}}${index}`));
const SLOTS = TAGS.map(tag => calculateSlot(tag));
/** A cursor runs over so many parts of a node's keys. */
const BUCKETS = 4;

/** Three nodes, three slots with keys that are moved by SETSLOT and MIGRATE, each command at once. */
class Model {
  readonly #keys = new Map<string, Id>(KEYS.map(key => [key, 'a']));
  readonly #owners = new Map<number, Id>(SLOTS.map(slot => [slot, 'a']));
  readonly #moves = new Map<number, { from: Id; to: Id }>();
  readonly #epochs: Record<Id, number> = { a: 1, b: 2, c: 3 };
  down: Id | undefined;

  topology(): Topology {
    const drafts = IDS.map(id => ({ id, host: 'h', port: 1, address: `h:${id}`, role: 'primary' as const }));
    return makeTopology(drafts, slot => this.#owners.get(slot) ?? 'c');
  }

  /** One step of the administrator: begins, carries one key, or ends a move. */
  step(slot: number, to: Id): void {
    const move = this.#moves.get(slot);
    const from = this.#owners.get(slot)!;
    if (!move) {
      if (from !== to) this.#moves.set(slot, { from, to });
      return;
    }
    const rest = KEYS.find(key => calculateSlot(key) === slot && this.#keys.get(key) === move.from);
    if (rest) return void this.#keys.set(rest, move.to);
    this.#moves.delete(slot);
    this.#owners.set(slot, move.to);
    const greatest = Math.max(...Object.values(this.#epochs));
    if (this.#epochs[move.to] !== greatest) this.#epochs[move.to] = greatest + 1;
  }

  answer(id: Id, [command, ...args]: readonly (string | Buffer)[]): unknown {
    if (this.down === id) throw new Error('ECONNRESET');
    switch (command) {
      case 'CLUSTER':
        return this.#line(id);
      case 'SCAN':
        return this.#scan(id, Number(String(args[0])));
      case 'EXISTS':
        return this.#exists(id, String(args[0]));
      default:
        return 'OK';
    }
  }

  #line(id: Id): string {
    const owned = SLOTS.filter(slot => this.#owners.get(slot) === id).map(String);
    const moves = [...this.#moves].flatMap(([slot, { from, to }]) =>
      from === id ? `[${slot}->-${to}]` : to === id ? `[${slot}-<-${from}]` : []
    );
    return `${id} h:1@2 myself,master - 0 0 ${this.#epochs[id]} connected ${[...owned, ...moves].join(' ')}`;
  }

  #scan(id: Id, bucket: number): [Buffer, Buffer[]] {
    const keys = KEYS.filter((key, index) => index % BUCKETS === bucket && this.#keys.get(key) === id);
    return [Buffer.from(String((bucket + 1) % BUCKETS)), keys.map(key => Buffer.from(key))];
  }

  #exists(id: Id, key: string): number {
    const slot = calculateSlot(key);
    const move = this.#moves.get(slot);
    const isHere = this.#keys.get(key) === id;
    if (this.#owners.get(slot) === id) {
      if (!isHere && move) throw new ErrorReply(`ASK ${slot} h:${move.to}`);
      return Number(isHere);
    }
    if (move?.to === id) return Number(isHere);
    throw new ErrorReply(`MOVED ${slot} h:${this.#owners.get(slot)}`);
  }
}

/** A rescan of the model; `meanwhile` is called before each answer. */
function rescanOf(
  model: Model,
  targets: readonly string[],
  meanwhile: () => void = () => undefined,
  abortSignal?: AbortSignal
) {
  const context = { defaultDatabase: 0, keyPrefix: Buffer.alloc(0), isSharded: true };
  const settings = parseCall('keyspace', { target: targets }, [() => undefined], context);
  const owner = { tap: { channel: { hasSubscribers: false } } } as unknown as SubscriptionOwner;
  const subscription = new Subscription(settings, owner);
  let open = 0;
  let opened = 0;
  let now = 0;
  const host: RescanHost = {
    look: () => Promise.resolve(model.topology()),
    open: ({ id }): Promise<ScanConnection> => {
      let closed = false;
      open++;
      opened++;
      const send: ScanConnection['send'] = args =>
        Promise.resolve().then(() => {
          meanwhile();
          return model.answer(id as Id, args);
        });
      const close = () => {
        if (!closed) open--;
        closed = true;
      };
      return Promise.resolve({ send, close });
    },
    isMonitored: false,
    timeout: 1_000,
    now: () => (now += 400)
  };
  const slots = SLOTS.map(slot => [slot, slot] as const).sort(([a], [b]) => a - b);
  const keys = rescan(subscription, { slots, count: 2, abortSignal }, host);
  return { keys, subscription, openConnections: () => open, openedConnections: () => opened };
}

async function found(keys: AsyncIterable<string | Buffer>): Promise<string[]> {
  const all = new Set<string>();
  for await (const key of keys) all.add(String(key));
  return [...all].sort();
}

describe('rescan', () => {
  const slot = fc.constantFrom(...SLOTS);
  const steps = fc.array(fc.tuple(fc.nat(3), slot, fc.constantFrom(...IDS)), { maxLength: 60 });

  for (const [how, targets] of [
    ['patterns', ['{x}*', '*', '{z}3']],
    ['exact keys', KEYS]
  ] as const) {
    it(`misses no key by ${how}, however slots move meanwhile, and leaves no connection`, async () => {
      await fc.assert(
        fc.asyncProperty(steps, async steps => {
          const model = new Model();
          const pending = [...steps];
          const { keys, openConnections } = rescanOf(model, targets, () => {
            const [count, slot, to] = pending.shift() ?? [0, 0, 'a'];
            for (let step = 0; step < count; step++) model.step(slot, to);
          });
          assert.deepEqual(await found(keys), [...KEYS].sort());
          assert.equal(openConnections(), 0);
        }),
        { numRuns: 60 }
      );
    });
  }

  it('gives up when a node does not answer for too long, and names it', async () => {
    const model = new Model();
    model.down = 'a';
    const { keys, openConnections } = rescanOf(model, ['*']);
    await assert.rejects(found(keys), (error: KeyspaceTimeoutError) => {
      assert.deepEqual(error.nodes, ['h:a']);
      assert.equal((error.cause as Error).message, 'ECONNRESET');
      return error instanceof KeyspaceTimeoutError;
    });
    assert.equal(openConnections(), 0);
  });

  it('waits while a server says that it will answer soon', async () => {
    const model = new Model();
    let answers = 0;
    const { keys } = rescanOf(model, ['*'], () => {
      if (answers++ < 2) throw new ErrorReply('LOADING Redis is loading the dataset in memory');
    });
    assert.deepEqual(await found(keys), [...KEYS].sort());
  });

  it('asks no other node once it is ended, and throws why', async () => {
    const model = new Model();
    model.step(SLOTS[0], 'b');
    for (let step = 0; step < 7; step++) model.step(SLOTS[0], 'b');
    const controller = new AbortController();
    const reason = new Error('enough');
    const abort = () => {
      controller.abort(reason);
      throw new Error('closed');
    };
    const { keys, openConnections, openedConnections } = rescanOf(model, ['*'], abort, controller.signal);
    await assert.rejects(found(keys), reason);
    assert.deepEqual([openConnections(), openedConnections()], [0, 1]);
  });

  it('leaves no listener on the subscription', async () => {
    const { keys, subscription } = rescanOf(new Model(), ['*']);
    await found(keys);
    assert.equal(subscription.listenerCount('end'), 0);
  });
});
