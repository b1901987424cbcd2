import assert from 'node:assert/strict';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@redis-keyspace/test-utils';
import calculateSlot from 'cluster-key-slot';
import { ErrorReply } from '../../upstream';
import type { Message } from '../delivery/dispatcher';
import { makeCounts } from '../delivery/tally';
import { makeTopology, singleTopology, type NodeDraft, type Topology } from '../plan/topology';
import { parseNotification } from '../protocol';
import type { AnswerPlace } from './connection';
import { Handover, type Node } from './handover';

const SLOT = calculateSlot('k');
/** What all nodes are subscribed to. */
const WANT = { id: 'w' };

/** What a server is, by its own account. */
class FakeServer {
  readonly id: string;
  readonly watched: string[] = [];
  slots: string;
  primaryId: string | undefined;
  replication = { offset: 100, second_repl_offset: -1, sync_full: 0 };
  atomicJobs: unknown[] = [];
  /** Answers are kept back until `release()`. */
  isSlow = false;
  #kept: (() => void)[] = [];

  constructor(id: string, slots: string) {
    this.id = id;
    this.slots = slots;
  }

  readonly node = {
    node: { id: '' },
    counts: makeCounts(),
    state: 'ready',
    address: '',
    ping: () => this.#answer(() => undefined),
    command: (args: readonly string[]) => this.#answer(() => (args[1] === 'MIGRATION' ? this.atomicJobs : '')),
    sip: () => undefined,
    isActive: () => true,
    isSettled: true,
    heardUntil: 0,
    subscribeSharded: (channel: string) => {
      this.watched.push(channel);
      return Promise.resolve();
    },
    ask: (args: readonly string[], { before, after }: AnswerPlace) =>
      this.#answer(() => {
        before();
        after();
        return args[0] === 'INFO' ? this.#info() : this.#line();
      })
  };

  release(): void {
    this.isSlow = false;
    for (const answer of this.#kept.splice(0)) answer();
  }

  #answer<T>(make: () => T): Promise<T> {
    if (!this.isSlow) return Promise.resolve().then(make);
    return new Promise(resolve => this.#kept.push(() => resolve(make())));
  }

  #line(): string {
    const role = this.primaryId === undefined ? 'master -' : `slave ${this.primaryId}`;
    return `${this.id} h:1@2 myself,${role} 0 0 1 connected ${this.slots}`;
  }

  #info(): string {
    const { offset, ...others } = this.replication;
    const role = this.primaryId ? 'slave' : 'master';
    const fields = { role, master_repl_offset: offset, repl_backlog_active: 1, ...others };
    return Object.entries(fields)
      .map(([name, value]) => `${name}:${value}`)
      .join('\r\n');
  }
}

function topologyOf(owner: string, roles: Record<string, 'primary' | 'replica'> = {}): Topology {
  const drafts = ['a', 'b'].map((id, port): NodeDraft => {
    const role = roles[id] ?? 'primary';
    return { id, host: 'h', port, address: `h:${port}`, role, ...(role === 'replica' && { primaryId: owner }) };
  });
  return makeTopology(drafts, () => owner);
}

const handovers: Handover[] = [];

/** Two nodes; `a` owns the slot of `k` at first. */
async function make({ topology = topologyOf('a'), meet = ['a', 'b'], standby = false } = {}) {
  const log: string[] = [];
  const phantoms: string[] = [];
  const unproven: string[] = [];
  const blurred: string[] = [];
  let [refreshes, arrived] = [0, 0];
  const servers = { a: new FakeServer('a', `${SLOT}`), b: new FakeServer('b', '') };
  const nodes = new Map<string, Node>();
  for (const [id, { node }] of Object.entries(servers)) {
    node.node.id = id;
    nodes.set(id, node as unknown as Node);
  }
  const textOf = ({ notification: { event } }: Message) => event;
  const handover = new Handover({
    nodes,
    get arrived() {
      return arrived;
    },
    standby,
    deliver: message => log.push(textOf(message)),
    deliverPhantom: message => phantoms.push(textOf(message)),
    refresh: () => Promise.resolve(void refreshes++),
    unproven: (id, { unheard }) => unproven.push([id, ...(unheard ?? [])].join(' ')),
    blurred: (node, slots) => {
      blurred.push(`${node.node.id} ${slots.join(' ')}`);
      return () => undefined;
    }
  });
  handovers.push(handover);
  handover.apply(topology);
  for (const id of meet) await handover.meet(nodes.get(id)!);
  const say = (id: string, ...events: string[]) => {
    for (const text of events) {
      const [event, key = 'k'] = text.split(' ');
      const notification = parseNotification(Buffer.from(`__keyspace@0__:${key}`), Buffer.from(event))!;
      const node = nodes.get(id)!;
      handover.accept(node, { node, notification, want: WANT, number: ++arrived } as unknown as Message);
    }
  };
  const settle = async () => {
    await handover.settled();
    await turn();
  };
  return { handover, log, phantoms, unproven, blurred, servers, nodes, say, settle, refreshes: () => refreshes };
}

describe('handover', () => {
  afterEach(() => {
    for (const handover of handovers.splice(0)) handover.clear();
  });

  it('asks nothing outside a cluster', async () => {
    const { say, log, servers } = await make({ topology: singleTopology({ host: 'h', port: 1, address: 'h:1' }) });
    say('b', 'set', 'del', 'restore');
    assert.deepEqual([log, servers.b.watched], [['set', 'del', 'restore'], []]);
  });

  it('believes the owner at once, and keeps one canary on each node that owns slots', async () => {
    const { say, log, servers } = await make();
    say('a', 'set', 'expire');
    assert.deepEqual(log, ['set', 'expire']);
    assert.deepEqual([servers.a.watched.length, servers.b.watched.length], [1, 0]);
    assert.equal(calculateSlot(servers.a.watched[0]), SLOT);
  });

  it('knows since when there was something undecided of a node that is lost, and forgets it', async () => {
    const { say, log, handover, nodes } = await make();
    say('a', 'set');
    say('b', 'expire');
    const [owner, other] = ['a', 'b'].map(id => handover.forget(nodes.get(id)!));
    assert.equal(owner, Infinity);
    assert.equal(other, nodes.get('b')!.heardUntil);
    assert.deepEqual(log, ['set']);
  });

  it('hides, and counts, what an atomic import says', async () => {
    const { say, log, servers, handover, settle } = await make();
    servers.b.atomicJobs = [{ id: '1', operation: 'import', slots: `${SLOT}`, state: 'streaming' }];
    say('b', 'set', 'expire');
    await settle();
    assert.deepEqual([log, handover.hidden], [[], 2]);
  });

  it('believes a primary that imports nothing: it owned the slot for a moment', async () => {
    const { say, log, handover, settle } = await make();
    say('b', 'set', 'expire');
    await settle();
    assert.deepEqual([log, handover.hidden], [['set', 'expire'], 0]);
  });

  it('has the slot watched at its owner as soon as somebody else speaks of it', async () => {
    const { say, servers, handover, nodes, settle } = await make({ meet: ['b'] });
    servers.a.slots = `0-${SLOT}`;
    await handover.meet(nodes.get('a')!);
    say('b', 'set');
    await settle();
    assert.deepEqual(
      servers.a.watched.map(channel => calculateSlot(channel)),
      [0, SLOT]
    );
  });

  it('believes who imports the slot by the classic way', async () => {
    const { say, log, servers, settle } = await make();
    servers.b.slots = `[${SLOT}-<-a]`;
    say('b', 'set');
    await settle();
    say('b', 'expire');
    assert.deepEqual(log, ['set', 'expire']);
  });

  it('delivers what a new owner says when all that the former one said has been read', async () => {
    const { say, log, servers, settle, refreshes } = await make();
    servers.a.isSlow = true;
    servers.b.slots = `${SLOT}`;
    say('b', 'expire');
    await delay(20);
    assert.deepEqual(log, []);
    say('a', 'set');
    servers.a.release();
    await settle();
    assert.deepEqual(log, ['set', 'expire']);
    assert.ok(refreshes() > 0, 'the topology is looked at anew');
    say('b', 'persist');
    assert.equal(log.length, 3);
  });

  it('does not wait for ever for a former owner that does not answer, nor believe it afterwards', async () => {
    const { say, log, servers, handover, settle } = await make();
    servers.a.isSlow = true;
    servers.b.slots = `${SLOT}`;
    say('b', 'set');
    await settle();
    assert.deepEqual(log, ['set']);
    servers.a.slots = '';
    servers.a.primaryId = 'b';
    say('a', 'expired');
    servers.a.release();
    await settle();
    assert.deepEqual([log, handover.hidden], [['set'], 1]);
  });

  it('cuts an atomic import where it ends as the former owner does', async () => {
    const { say, log, servers, handover, settle } = await make();
    servers.b.atomicJobs = [{ id: '1', operation: 'import', slots: `${SLOT}`, state: 'completed' }];
    say('a', 'set {k}1', 'append {k}2', 'incrby {k}3');
    servers.b.isSlow = true;
    say('b', 'set {k}0', 'set {k}1', 'append {k}2', 'incrby {k}3', 'persist {k}4');
    servers.b.slots = `${SLOT}`;
    servers.b.release();
    await settle();
    assert.deepEqual([log, handover.hidden], [['set', 'append', 'incrby', 'persist'], 4]);
  });

  for (const order of [
    ['a del', 'b restore'],
    ['b restore', 'a del']
  ]) {
    it(`hides the pair of a classic move: ${order.join(', ')}`, async () => {
      const { say, log, phantoms, servers, handover, settle } = await make();
      servers.b.slots = `[${SLOT}-<-a]`;
      for (const text of order) say(text.split(' ')[0], text.split(' ')[1]);
      await settle();
      assert.deepEqual([log, phantoms.sort(), handover.hidden], [[], ['del', 'restore'], 2]);
    });
  }

  it("delivers a user's DEL although an atomic import restores the key", async () => {
    const { say, log, servers, handover, settle } = await make();
    servers.b.atomicJobs = [{ id: '1', operation: 'import', slots: `${SLOT}`, state: 'streaming' }];
    say('b', 'restore');
    say('a', 'del');
    await settle();
    assert.deepEqual([log, handover.hidden], [['del'], 1]);
  });

  it("delivers a user's RESTORE before an atomic import, and the DEL behind it, though it is over when it is heard of", async () => {
    const { say, log, phantoms, servers, settle } = await make();
    servers.b.isSlow = true;
    say('b', 'restore {k}1');
    say('a', 'restore {k}2', 'persist {k}1');
    say('b', 'restore {k}2', 'persist {k}1', 'del {k}2');
    servers.b.slots = `${SLOT}`;
    servers.b.atomicJobs = [{ id: '1', operation: 'import', source: 'a', slots: `${SLOT}`, state: 'completed' }];
    servers.b.release();
    await settle();
    assert.deepEqual([log, phantoms], [['persist', 'restore', 'del'], []]);
  });

  it('forgets what a lost node said that nobody could confirm', async () => {
    const { say, log, servers, nodes, handover, settle } = await make();
    servers.b.isSlow = true;
    servers.b.slots = `${SLOT}`;
    say('b', 'set');
    handover.forget(nodes.get('b')!);
    servers.b.release();
    await settle();
    assert.deepEqual(log, []);
  });

  it('looks anew, and believes no echo, when a primary is demoted', async () => {
    const { say, log, servers, handover, nodes, settle, refreshes } = await make();
    servers.a.slots = '';
    servers.a.primaryId = 'b';
    say('a', 'set');
    handover.taken(nodes.get('a')!, Buffer.from(servers.a.watched[0]));
    say('a', 'del');
    await settle();
    assert.deepEqual([log, handover.hidden], [['set'], 1]);
    assert.ok(refreshes() > 0);
  });

  describe('of a planned failover', () => {
    /** `b`, a replica of `a`, has been promoted; `a` learns of it when it is told. */
    async function promote({ offset = 100, second_repl_offset = 101 } = {}) {
      const made = await make({ topology: topologyOf('a', { b: 'replica' }), meet: ['a'] });
      const { handover, servers, nodes } = made;
      servers.b.slots = `${SLOT}`;
      servers.b.replication = { offset, second_repl_offset, sync_full: 0 };
      handover.apply(topologyOf('b', { a: 'replica' }));
      const meet = async () => {
        await handover.meet(nodes.get('b')!);
        handover.subscribed(nodes.get('b')!);
      };
      const demote = () => {
        servers.a.slots = '';
        servers.a.primaryId = 'b';
        handover.taken(nodes.get('a')!, Buffer.from(servers.a.watched[0]));
      };
      return { ...made, meet, demote };
    }

    it('misses nothing when nothing was written before the new primary was subscribed', async () => {
      const { say, log, unproven, handover, meet, settle } = await promote();
      assert.ok(handover.isPending('b'));
      await meet();
      say('b', 'set');
      await settle();
      assert.deepEqual([log, unproven, handover.isPending('b')], [['set'], [], false]);
    });

    it('finds what was written before in the echo of the demoted node, and tells it first; but not to all', async () => {
      const { say, log, unproven, servers, meet, demote, settle } = await promote({ offset: 120 });
      demote();
      await turn();
      await turn();
      say('a', 'set', 'append');
      await meet();
      say('b', 'persist');
      servers.b.replication.offset = 130;
      say('a', 'persist');
      servers.a.replication.offset = 130;
      await settle();
      assert.deepEqual([log, unproven], [['set', 'append', 'persist'], ['b srem del hdel']]);
    });

    it('is told no deletion of keys that the primary had given away', async () => {
      const { say, log, servers, handover, meet, demote, settle } = await promote({ offset: 120 });
      demote();
      await turn();
      await turn();
      say('a', 'set', 'del other');
      servers.a.replication.offset = 120;
      await meet();
      await waitFor('what was said before to be found', () => !handover.isPending('b'));
      await settle();
      assert.deepEqual(log, ['set']);
    });

    it('tells as a gap, and does not guess, what a replica may call by another name', async () => {
      const { say, log, unproven, servers, meet, demote, settle } = await promote({ offset: 120 });
      demote();
      await turn();
      await turn();
      say('a', 'set', 'del');
      servers.a.replication.offset = 120;
      await meet();
      await settle();
      await waitFor('it to be told', () => unproven.length > 0);
      assert.deepEqual([log, unproven], [['set'], ['b']]);
    });

    it("takes a replica's word when the new primary has removed nothing by itself", async () => {
      const topology = topologyOf('a', { b: 'replica' });
      const { say, log, unproven, servers, nodes, handover, settle } = await make({ topology, meet: ['a'] });
      servers.b.primaryId = 'a';
      await handover.meet(nodes.get('b')!);
      await turn();
      servers.b.primaryId = undefined;
      servers.b.slots = `${SLOT}`;
      servers.b.replication = { offset: 120, second_repl_offset: 101, sync_full: 0 };
      servers.a.slots = '';
      servers.a.primaryId = 'b';
      handover.apply(topologyOf('b', { a: 'replica' }));
      handover.taken(nodes.get('a')!, Buffer.from(servers.a.watched[0]));
      await turn();
      await turn();
      say('a', 'set', 'del');
      servers.a.replication.offset = 120;
      handover.subscribed(nodes.get('b')!);
      await settle();
      await waitFor('it to be found', () => !handover.isPending('b'));
      assert.deepEqual([log, unproven], [['set', 'del'], ['b srem']]);
    });

    it('tells a gap when the new primary counts no writes', async () => {
      const { unproven, servers, meet } = await promote();
      Object.assign(servers.b.replication, { repl_backlog_active: 0 });
      await meet();
      await waitFor('it to be told', () => unproven.length > 0);
    });

    it('tells a gap when somebody had to copy all data', async () => {
      const { unproven, servers, meet, demote } = await promote({ offset: 120 });
      demote();
      await meet();
      servers.a.replication.offset = 130;
      servers.b.replication.sync_full = 1;
      await waitFor('it to be told', () => unproven.length > 0);
    });

    it('expects no last words of a primary that the others have found dead, however it was learnt of', async () => {
      const dead = makeTopology([{ id: 'b', host: 'h', port: 1, address: 'h:1', role: 'primary' }], () => 'b');
      const { handover, unproven } = await promote();
      assert.ok(handover.isPending('b'));
      handover.apply(dead);
      assert.deepEqual([handover.isPending('b'), unproven], [false, ['b']]);
      const other = await make({ topology: topologyOf('a', { b: 'replica' }), meet: ['a'] });
      other.handover.apply(dead);
      assert.deepEqual([other.handover.isPending('b'), other.unproven], [false, ['b']]);
    });

    it('tells a gap when the new primary cannot be heard in time, and lets the demoted node go', async () => {
      const { unproven, handover, nodes } = await promote();
      await handover.lastWords(nodes.get('a')!);
      assert.deepEqual([unproven, handover.isPending('b')], [['b'], false]);
    });
  });

  describe('of a replica that stands by', () => {
    /** `b` has heard what `a` said, and more, when it is promoted. */
    async function standBy() {
      const made = await make({ topology: topologyOf('a', { b: 'replica' }), meet: ['a'], standby: true });
      const { servers, handover, nodes, say, log } = made;
      servers.b.primaryId = 'a';
      await handover.meet(nodes.get('b')!);
      say('a', 'set {k}1', 'append {k}2', 'expired {k}3');
      say('b', 'set {k}1', 'append {k}2', 'del {k}3');
      assert.deepEqual(log, ['set', 'append', 'expired']);
      const promote = () => {
        servers.b.primaryId = undefined;
        servers.b.slots = `${SLOT}`;
        handover.taken(nodes.get('b')!, Buffer.from(servers.b.watched[0]));
      };
      return { ...made, promote };
    }

    it('tells what its dead primary could not tell any more, and nothing twice', async () => {
      const { say, log, unproven, handover, nodes, promote, settle } = await standBy();
      say('b', 'hset {k}4');
      handover.forget(nodes.get('a')!);
      promote();
      say('b', 'persist {k}5');
      await settle();
      assert.deepEqual([log, unproven], [['set', 'append', 'expired', 'hset', 'persist'], []]);
    });

    it('goes on after a planned failover, in its own words, without any doubt', async () => {
      const { say, log, unproven, handover, servers, nodes, promote, settle } = await standBy();
      promote();
      say('b', 'expired {k}4');
      servers.a.slots = '';
      servers.a.primaryId = 'b';
      handover.taken(nodes.get('a')!, Buffer.from(servers.a.watched[0]));
      say('a', 'del {k}4');
      await settle();
      handover.apply(topologyOf('b', { a: 'replica' }));
      assert.deepEqual([log, handover.isPending('b'), unproven], [['set', 'append', 'expired', 'expired'], false, []]);
    });

    it('says again, within the gap, what it said of late when it is not found where its primary ended', async () => {
      const { say, log, handover, nodes, promote } = await standBy();
      say('a', 'set {k}6', 'set {k}7');
      handover.forget(nodes.get('a')!);
      promote();
      await waitFor('the replica to stand in', () => log.length > 5);
      assert.deepEqual(log, ['set', 'append', 'expired', 'set', 'set', 'set', 'append', 'del']);
    });
  });

  it('knows what a node may still own when its connection breaks: not what it has said to have lost', async () => {
    const { handover, servers, nodes, settle } = await make();
    const [a, b] = [nodes.get('a')!, nodes.get('b')!];
    assert.deepEqual(
      [handover.ownedOf(a, [[SLOT - 1, SLOT]]), handover.ownedOf(b, [[SLOT, SLOT]])],
      [[[SLOT, SLOT]], []]
    );
    servers.a.slots = '';
    handover.taken(a, Buffer.from(servers.a.watched[0]));
    assert.deepEqual(handover.ownedOf(a, [[SLOT, SLOT]]), [], 'before it has been asked');
    await settle();
    assert.deepEqual(handover.ownedOf(a, [[SLOT, SLOT]]), []);
    handover.forget(a);
    assert.deepEqual(handover.ownedOf(a, [[SLOT, SLOT]]), [[SLOT, SLOT]], 'of one that is not known nothing is');
  });

  it('is settled when nothing of now waits any more', async () => {
    const { say, log, servers, handover } = await make();
    servers.b.isSlow = true;
    say('a', 'del');
    servers.b.slots = `${SLOT}`;
    say('b', 'expire');
    let isSettled = false;
    const settled = handover.settled().then(() => (isSettled = true));
    await delay(10);
    assert.equal(isSettled, false);
    servers.b.release();
    await settled;
    assert.deepEqual(log, ['del', 'expire']);
  });

  it('forgets everything when cleared', async () => {
    const { handover, log, say } = await make();
    say('b', 'set');
    say('a', 'del');
    handover.clear();
    await delay(10);
    assert.deepEqual(log, []);
  });

  it('asks again when a node does not allow the question', async () => {
    const { say, log, servers, settle } = await make();
    const { ask } = servers.b.node;
    servers.b.node.ask = (args, place) =>
      ask(args, place).then(() => {
        servers.b.node.ask = ask;
        throw new ErrorReply('NOPERM');
      });
    servers.b.slots = `${SLOT}`;
    say('b', 'set');
    await settle();
    assert.deepEqual(log, ['set']);
  });
});
