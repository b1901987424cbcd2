import { sleep } from '../../wait';
import { owners, type Step } from '../scene';

/** CLIENT KILL of every subscriber at every primary, so many times. */
export function clientKill(times = 1, interval = 150): Step {
  return {
    name: `CLIENT KILL of all subscribers${times > 1 ? `, ${times} times` : ''}`,
    run: async scene => {
      for (let count = 0; count < times; count++) {
        const primaries = await owners(scene);
        await Promise.all(primaries.map(node => scene.cluster.cutClients(node, 'pubsub')));
        await sleep(interval);
      }
    }
  };
}

/** The event loop of writers and listeners stands still. */
export function block(ms: number): Step {
  return {
    name: `the event loop blocks for ${ms} ms`,
    run: async () => {
      await sleep(0);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    }
  };
}

/** The door in front of a server, where the caller's clients go through one. */
export interface Door {
  stall(): void;
  resume(): void;
  cut(): void;
}

/** Packets are dropped between the clients and a node, in both directions, and nobody is told. */
export function stall(door: Door, ms: number): Step {
  return {
    name: `network stall of ${ms} ms`,
    run: async () => {
      door.stall();
      await sleep(ms);
      door.resume();
    }
  };
}

/** The user of the listeners loses the right to its channels, and gets it back. */
export function revokeChannels(user: string, ms: number): Step {
  return {
    name: `ACL of ${user} revoked for ${ms} ms`,
    run: async ({ cluster }) => {
      const all = (...rules: string[]) =>
        Promise.all(cluster.nodes.map(node => node.command('ACL', 'SETUSER', user, ...rules)));
      await all('resetchannels');
      await sleep(ms);
      await all('allchannels');
    }
  };
}
