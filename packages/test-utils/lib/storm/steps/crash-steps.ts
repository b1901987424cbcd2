import type { ClusterNode } from '../../cluster/cluster-node';
import type { SlotRange } from '../../cluster/slot-ranges';
import { sleep, waitFor } from '../../wait';
import { owners, rangesOf, type Scene, type Step } from '../scene';

const PATIENT = { timeout: 30_000 };

/** SIGKILL of primaries at once; resolves when their replicas have taken over. */
export function kill(...shards: readonly number[]): Step {
  const chosen = shards.length ? shards : [0];
  return {
    name: `kill of ${chosen.length === 1 ? 'a primary' : `${chosen.length} primaries`} (${chosen.join(', ')})`,
    run: async scene => {
      const { cluster, ledger, log } = scene;
      const primaries = await owners(scene);
      const victims = chosen.map(shard => primaries[shard % primaries.length]);
      const slots = (await Promise.all(victims.map(rangesOf))).flat();
      const candidates = await Promise.all(victims.map(victim => cluster.replicas(victim)));
      // What had not reached the replica is gone, and so is its expiry.
      const settled = ledger.doubt('a crash', slots);
      const since = Date.now();
      await Promise.all(victims.map(victim => cluster.kill(victim)));
      log.outage('the crash', { since, slots });
      await Promise.all(candidates.map(replicas => cluster.waitForPromotion(replicas, PATIENT)));
      await cluster.waitUntilStable();
      settled();
    }
  };
}

/** All that are dead come back, as replicas where a replica has taken over. */
export function restartDead(): Step {
  return {
    name: 'the dead come back',
    run: async ({ cluster }) => {
      await Promise.all(cluster.nodes.filter(node => !node.isRunning).map(node => cluster.restart(node)));
      await cluster.waitUntilStable();
    }
  };
}

/** Every node is killed, and started again without its data. */
export function killAllAndRestart(): Step {
  return {
    name: 'kill of all nodes, and restart',
    run: async ({ cluster, ledger, log }) => {
      const settled = ledger.doubt('everything is gone', []);
      const since = Date.now();
      await cluster.killAll();
      log.outage('the death of all', { since });
      await cluster.restartAll();
      await cluster.waitUntilStable(PATIENT);
      settled();
    }
  };
}

/** SIGSTOP until the replica has taken over, and longer; then SIGCONT. */
export function freeze(shard = 0, ms = 1_000): Step {
  return {
    name: `freeze of primary ${shard}`,
    run: async scene => {
      const { cluster, ledger, log } = scene;
      const primaries = await owners(scene);
      const victim = primaries[shard % primaries.length];
      const slots = await rangesOf(victim);
      const candidates = await cluster.replicas(victim);
      const settled = ledger.doubt('a freeze', slots);
      const since = Date.now();
      await cluster.hang(victim);
      log.outage('the freeze', { since, slots });
      await cluster.waitForPromotion(candidates, PATIENT);
      await untilWrittenAgain(scene, slots);
      await sleep(ms);
      await log.during(`${victim.address} wakes`, () => wake(scene, victim));
      settled();
    }
  };
}

/** The writers have found the new primary: nothing is on its way to the old one that it could acknowledge. */
async function untilWrittenAgain(scene: Scene, slots: readonly SlotRange[]): Promise<void> {
  const promoted = Date.now();
  await waitFor('a write to the new primary', () => scene.hasWrittenSince(promoted, slots));
}

async function wake({ cluster }: Scene, node: ClusterNode): Promise<void> {
  cluster.resume(node);
  await cluster.waitUntilStable(PATIENT);
}

/** SIGSTOP for less than the node timeout: nobody takes over. */
export function shortFreeze(shard = 0, ms = 300): Step {
  return {
    name: `freeze of primary ${shard} for ${ms} ms`,
    run: async scene => {
      const primaries = await owners(scene);
      const victim = primaries[shard % primaries.length];
      await scene.cluster.hang(victim);
      await sleep(ms);
      await wake(scene, victim);
    }
  };
}

/**
 * The primary hangs while its replica starts without data: the replica takes over all the same. The old primary is
 * killed before it wakes, since Redis 8.6 may then loop for ever: each of the two has called the other its primary.
 */
export function emptyPromotion(shard = 0): Step {
  return {
    name: `a replica without data becomes primary ${shard}`,
    run: async scene => {
      const { cluster, ledger, log } = scene;
      const primaries = await owners(scene);
      const victim = primaries[shard % primaries.length];
      const slots = await rangesOf(victim);
      const [replica] = await cluster.replicas(victim);
      const settled = ledger.doubt('an empty primary', slots);
      const since = Date.now();
      await cluster.hang(victim);
      log.outage('the hang', { since, slots });
      await cluster.restart(replica);
      await cluster.waitForPromotion([replica], PATIENT);
      await untilWrittenAgain(scene, slots);
      await cluster.kill(victim);
      await cluster.restart(victim);
      await cluster.waitUntilStable(PATIENT);
      settled();
    }
  };
}

/** FLUSHALL of every primary: no event tells it. */
export function flushAll(): Step {
  return {
    name: 'FLUSHALL',
    run: async scene => {
      const settled = scene.ledger.doubt('FLUSHALL', []);
      await Promise.all((await owners(scene)).map(node => node.command('FLUSHALL')));
      settled();
    }
  };
}

/** A replica becomes primary by itself while its primary lives, and without being in sync with it. */
export function forcedPromotion(shard = 0): Step {
  return {
    name: `CLUSTER FAILOVER TAKEOVER in shard ${shard}`,
    run: async scene => {
      const { cluster, ledger } = scene;
      const primaries = await owners(scene);
      const victim = primaries[shard % primaries.length];
      const slots = await rangesOf(victim);
      const [replica] = await cluster.replicas(victim);
      const settled = ledger.doubt('a takeover', slots);
      // What the old primary acknowledges before it learns of it is taken back.
      const learnt = ledger.doubt('a takeover', slots, 'writes');
      await cluster.failover(replica, 'TAKEOVER');
      await waitFor(`${victim.address} to give in`, async () => !(await victim.self()).isPrimary);
      learnt();
      await cluster.waitUntilStable();
      settled();
    }
  };
}
