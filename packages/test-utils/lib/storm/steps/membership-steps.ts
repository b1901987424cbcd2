import type { ClusterNode } from '../../cluster/cluster-node';
import { owners, slotsToMove, type Scene, type Step } from '../scene';
import { moveAtomically } from './slot-steps';

/** How slots go to a new node and come back. */
export interface JoinChoice {
  /** Slots that each of the others gives. @default 6 */
  readonly count?: number;
  /** @default 'migrate' */
  readonly method?: 'migrate' | 'atomic';
}

/** Nodes that joined in this scenario, so that a later step can find them. */
const joined = new WeakMap<Scene, ClusterNode[]>();

/** A node joins and gets slots of each primary at once. */
export function addNode({ count = 6, method = 'migrate' }: JoinChoice = {}): Step {
  return {
    name: `a node joins and gets ${count} slots of each (${method})`,
    run: async scene => {
      const { cluster } = scene;
      const givers = await owners(scene);
      const node = await cluster.addPrimary();
      joined.set(scene, [...(joined.get(scene) ?? []), node]);
      for (const giver of givers) {
        await move(scene, giver, node, await slotsToMove(scene, giver, count), method);
      }
    }
  };
}

/** The node that joined last gives all its slots back. */
export function takeSlots({ method = 'migrate' }: Pick<JoinChoice, 'method'> = {}): Step {
  return {
    name: `the node gives its slots back (${method})`,
    run: async scene => {
      const { cluster } = scene;
      const node = newest(scene);
      const takers = (await owners(scene)).filter(owner => owner !== node);
      const slots = await cluster.slotsOf(node);
      const share = Math.ceil(slots.length / takers.length);
      for (const [index, taker] of takers.entries()) {
        const part = slots.slice(index * share, (index + 1) * share);
        if (part.length > 0) {
          await move(scene, node, taker, part, method);
        }
      }
    }
  };
}

/** The node that joined last leaves; it owns nothing any more. */
export function removeNode(): Step {
  return {
    name: 'the node leaves',
    run: async scene => {
      const node = newest(scene);
      joined.get(scene)!.pop();
      await scene.cluster.removeNode(node);
    }
  };
}

/** A replica joins the first shard. */
export function addReplica(shard = 0): Step {
  return {
    name: `a replica of shard ${shard} joins`,
    run: async scene => {
      const primaries = await owners(scene);
      const replica = await scene.cluster.addReplica(primaries[shard % primaries.length]);
      joined.set(scene, [...(joined.get(scene) ?? []), replica]);
    }
  };
}

/** The node that joined last, a replica, leaves. */
export function removeReplica(): Step {
  return { ...removeNode(), name: 'the replica leaves' };
}

/** The replica that joined last becomes one of another primary. */
export function reparentReplica(shard = 1): Step {
  return {
    name: `the replica goes to shard ${shard}`,
    run: async scene => {
      const primaries = await owners(scene);
      await scene.cluster.reparentReplica(newest(scene), primaries[shard % primaries.length]);
    }
  };
}

function move(
  scene: Scene,
  from: ClusterNode,
  to: ClusterNode,
  slots: readonly number[],
  method: 'migrate' | 'atomic'
): Promise<void> {
  return method === 'atomic' ? moveAtomically(scene, from, to, slots) : scene.cluster.moveSlots(from, to, slots);
}

function newest(scene: Scene): ClusterNode {
  const node = joined.get(scene)?.at(-1);
  if (!node) {
    throw new Error('No node has joined in this scenario');
  }
  return node;
}
