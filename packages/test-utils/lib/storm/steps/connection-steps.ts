import { TestKitUsageError } from '../../errors';
import { sleep, waitFor } from '../../wait';
import { owners, rangesOf, type Step } from '../scene';

/** CLIENT KILL of every subscriber at every primary, so many times. */
export function clientKill(times = 1, interval = 150): Step {
  return {
    name: `CLIENT KILL of all subscribers${times > 1 ? `, ${times} times` : ''}`,
    run: async scene => {
      const { cluster, log } = scene;
      for (let count = 0; count < times; count++) {
        const primaries = await owners(scene);
        log.outage('CLIENT KILL', { ms: 0 });
        await Promise.all(primaries.map(node => cluster.cutClients(node, 'pubsub')));
        await sleep(interval);
      }
    }
  };
}

/** The event loop of the listeners stands still; who writes outside writes on. */
export function block(ms: number): Step {
  return {
    name: `the event loop blocks for ${ms} ms`,
    run: async () => {
      await sleep(0);
      standStill(ms);
    }
  };
}

/**
 * A slow consumer: so many writes are made in one slot of each primary while the event loop of the listeners stands
 * still, more than the servers keep for a subscriber.
 */
export function overrun({ writes = 10_000, padding = 1_000, ms = 4_000 } = {}): Step {
  return {
    name: `${writes} writes to each primary while the event loop blocks for ${ms} ms`,
    run: async scene => {
      const { cluster, writers, log } = scene;
      const primaries = await owners(scene);
      const slots = await Promise.all(primaries.map(async node => (await cluster.slotsOf(node))[0]));
      log.outage('a slow consumer', { ms });
      const floods = Promise.all(slots.map(slot => writers.flood(slot, { count: writes, padding })));
      await sleep(2);
      standStill(ms);
      await floods;
    }
  };
}

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Packets between the listeners and a primary are dropped in both directions, and nobody is told. */
export function stall(shard = 0, ms = 2_000): Step {
  return {
    name: `network stall of primary ${shard} for ${ms} ms`,
    run: async scene => {
      const primaries = await owners(scene);
      const victim = primaries[shard % primaries.length];
      const door = scene.doors.get(victim.address);
      if (!door) {
        throw new TestKitUsageError(`Nobody goes through a door to reach ${victim.address}`);
      }
      scene.log.outage('a network stall', { slots: await rangesOf(victim), ms });
      door.stall();
      await sleep(ms);
      door.resume();
    }
  };
}

/** The user whom the listeners are loses the right to all channels, and gets it back. */
export function revokeChannels(user: string, ms = 1_000): Step {
  return {
    name: `channels of ${user} revoked for ${ms} ms`,
    run: async ({ cluster, log }) => {
      const allow = (rule: string) =>
        waitFor(rule, async () => {
          await Promise.all(cluster.nodes.map(node => node.command('ACL', 'SETUSER', user, rule)));
          return true;
        });
      log.outage('revoked channels', { ms });
      await allow('resetchannels');
      await sleep(ms);
      await allow('allchannels');
    }
  };
}
