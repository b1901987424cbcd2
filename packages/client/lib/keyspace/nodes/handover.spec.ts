import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import calculateSlot from 'cluster-key-slot';
import type { Message } from '../delivery/dispatcher';
import { makeTopology, singleTopology, type NodeDraft, type Topology } from '../plan/topology';
import { parseNotification } from '../protocol';
import { Handover, type Node } from './handover';

const SLOT = calculateSlot('k');

interface Change {
  readonly owner: string;
  readonly importing?: string;
  readonly nodes?: readonly string[];
}

function topologyOf({ owner, importing, nodes = ['a', 'b'] }: Change): Topology {
  const drafts = nodes.map((id, port): NodeDraft => ({
    id,
    host: 'h',
    port,
    address: `h:${port}`,
    role: 'primary',
    importing: new Set(id === importing ? [SLOT] : [])
  }));
  return makeTopology(drafts, slot => (slot === SLOT ? owner : nodes[0]));
}

/** A handover over two nodes; a refresh applies what the topology has become, fences pass when told to. */
function make(first: Topology = topologyOf({ owner: 'a' })) {
  const log: string[] = [];
  const phantoms: string[] = [];
  let refreshes = 0;
  const releases: (() => void)[] = [];
  const pings: (() => void)[] = [];
  const nodes = new Map<string, Node>();
  for (const id of ['a', 'b']) {
    const ping = () => new Promise<void>(resolve => pings.push(resolve));
    nodes.set(id, { node: { id }, state: 'ready', ping, fence: ping } as unknown as Node);
  }
  const next: { topology?: Topology; wait?: boolean } = {};
  const textOf = ({ notification: { event } }: Message) => event;
  const handover = new Handover({
    nodes,
    deliver: message => log.push(textOf(message)),
    deliverPhantom: message => phantoms.push(textOf(message)),
    refresh: async () => {
      refreshes++;
      const { topology } = next;
      await (next.wait ? new Promise<void>(resolve => releases.push(resolve)) : undefined);
      if (topology) handover.apply(topology);
    }
  });
  handover.apply(first);
  const say = (id: string, ...events: string[]) => {
    for (const event of events) {
      const notification = parseNotification(Buffer.from('__keyspace@0__:k'), Buffer.from(event))!;
      handover.accept(nodes.get(id)!, { notification, want: { id: 'w' } } as unknown as Message);
    }
  };
  const passFences = async () => {
    while (pings.length) {
      for (const resolve of pings.splice(0)) resolve();
      await turn();
    }
  };
  const become = (change: Change) => handover.apply(topologyOf(change));
  return {
    handover,
    log,
    phantoms,
    next,
    nodes,
    say,
    passFences,
    become,
    refreshes: () => refreshes,
    release: () => releases.splice(0).forEach(resolve => resolve())
  };
}

describe('handover', () => {
  it('asks nothing outside a cluster, nor before the topology is known', () => {
    const single = make(singleTopology({ host: 'h', port: 1, address: 'h:1' }));
    single.say('b', 'set', 'del', 'restore');
    assert.deepEqual([single.log, single.refreshes()], [['set', 'del', 'restore'], 0]);
  });

  it('believes the owner at once, and holds nothing with a single primary', () => {
    const { log, say } = make();
    say('a', 'set', 'expire');
    assert.deepEqual(log, ['set', 'expire']);
    const lonely = make(topologyOf({ owner: 'a', nodes: ['a'] }));
    lonely.say('a', 'del');
    assert.deepEqual(lonely.log, ['del']);
  });

  it('decides a dispute by a fresh look: who has become the owner is believed, in order', async () => {
    const { log, say, next, refreshes } = make();
    next.topology = topologyOf({ owner: 'b' });
    say('b', 'set', 'expire');
    assert.deepEqual(log, []);
    await turn();
    assert.deepEqual([log, refreshes()], [['set', 'expire'], 1]);
  });

  it('decides what came while a look was under way by the next look', async () => {
    const { log, say, next, release, handover } = make();
    next.wait = true;
    say('b', 'set');
    // The look has read what was before; only now the node becomes the owner.
    next.topology = topologyOf({ owner: 'b' });
    say('b', 'expire');
    release();
    await turn();
    assert.deepEqual([log, handover.hidden], [[], 1]);
    release();
    await turn();
    assert.deepEqual([log, handover.hidden], [['expire'], 1]);
  });

  it('keeps the order of a node that is found to be the owner by another look than its own', async () => {
    const { log, say, next, become, release } = make();
    next.wait = true;
    say('b', 'set');
    become({ owner: 'b' });
    say('b', 'expire');
    assert.deepEqual(log, []);
    release();
    await turn();
    assert.deepEqual(log, ['set', 'expire']);
    say('b', 'persist');
    assert.equal(log.length, 3);
  });

  it('believes who imports the slot by the classic way', async () => {
    const { log, say, next, handover } = make();
    next.topology = topologyOf({ owner: 'a', importing: 'b' });
    say('b', 'set');
    await turn();
    assert.deepEqual([log, handover.hidden], [['set'], 0]);
  });

  it('drops, and counts, what was said by nobody for the slot: an atomic import, an echo', async () => {
    const { log, say, handover } = make();
    say('b', 'set', 'expire');
    await turn();
    assert.deepEqual([log, handover.hidden], [[], 2]);
  });

  it('believes a node that lost a slot until it is fenced, and not longer', async () => {
    const { log, say, become, passFences, handover } = make();
    become({ owner: 'b' });
    say('a', 'set');
    assert.deepEqual(log, ['set']);
    await passFences();
    say('a', 'expire');
    await turn();
    assert.deepEqual([log, handover.hidden], [['set'], 1]);
  });

  it('lets a node go once more when it loses more slots before it is fenced', async () => {
    const { log, say, handover, passFences } = make(topologyOf({ owner: 'a' }));
    handover.apply(makeTopology([...topologyOf({ owner: 'a' }).primaries], slot => (slot === SLOT ? 'a' : 'b')));
    handover.apply(makeTopology([...topologyOf({ owner: 'a' }).primaries], () => 'b'));
    say('a', 'set');
    assert.deepEqual(log, ['set']);
    await passFences();
    say('a', 'expire');
    await turn();
    assert.equal(log.length, 1);
  });

  for (const order of [
    ['a del', 'b restore'],
    ['b restore', 'a del']
  ]) {
    it(`hides the pair of a classic move: ${order.join(', ')}`, async () => {
      const { log, phantoms, say, passFences, handover } = make(topologyOf({ owner: 'a', importing: 'b' }));
      for (const text of order) say(text.split(' ')[0], text.split(' ')[1]);
      await passFences();
      assert.deepEqual([log, phantoms.sort(), handover.hidden], [[], ['del', 'restore'], 2]);
    });
  }

  it("delivers a user's DEL although the slot has moved while it waited", async () => {
    const { log, say, become, passFences } = make();
    say('a', 'del');
    become({ owner: 'b' });
    await passFences();
    assert.deepEqual(log, ['del']);
  });

  it('hides the pair although the slot has moved between its halves', async () => {
    const { log, say, become, passFences, handover } = make(topologyOf({ owner: 'a', importing: 'b' }));
    say('b', 'restore');
    become({ owner: 'b' });
    say('a', 'del');
    await passFences();
    assert.deepEqual([log, handover.hidden], [[], 2]);
  });

  it('delivers what the new owner said behind a pair', async () => {
    const { log, say, become, passFences } = make(topologyOf({ owner: 'a', importing: 'b' }));
    say('a', 'del');
    say('b', 'restore');
    become({ owner: 'b' });
    say('b', 'set');
    await passFences();
    assert.deepEqual(log, ['set']);
  });

  it("delivers a user's RESTORE by the importer, and drops that of an atomic import", async () => {
    const classic = make(topologyOf({ owner: 'a', importing: 'b' }));
    classic.say('b', 'restore');
    await classic.passFences();
    await turn();
    assert.deepEqual(classic.log, ['restore']);
    const atomic = make();
    atomic.say('b', 'restore');
    await atomic.passFences();
    await turn();
    assert.deepEqual([atomic.log, atomic.handover.hidden], [[], 1]);
  });

  it('is settled when disputes are decided and pairs are found', async () => {
    const { handover, log, say, next, passFences, release } = make();
    next.wait = true;
    next.topology = topologyOf({ owner: 'b' });
    say('a', 'del');
    say('b', 'expire');
    let settled = false;
    const waiting = handover.settled().then(() => (settled = true));
    await turn();
    assert.equal(settled, false);
    while (!settled) {
      release();
      await passFences();
      await turn();
    }
    await waiting;
    assert.deepEqual(log, ['del', 'expire']);
  });

  it('forgets what a lost node said that nobody could confirm', async () => {
    const { handover, log, say, next, nodes, release } = make();
    next.wait = true;
    next.topology = topologyOf({ owner: 'b' });
    say('b', 'set');
    handover.forget(nodes.get('b')!);
    release();
    await turn();
    assert.deepEqual(log, []);
  });

  it('forgets everything when cleared', async () => {
    const { handover, log, say, become, passFences } = make();
    say('b', 'set');
    say('a', 'del');
    become({ owner: 'b' });
    handover.clear();
    await passFences();
    assert.deepEqual(log, []);
    say('b', 'set');
    assert.deepEqual(log, ['set']);
  });
});
