import type { ClusterNode } from '../../cluster/cluster-node';
import { expandSlots, toRanges, type SlotSet } from '../../cluster/slot-ranges';
import { sleep, waitFor } from '../../wait';
import { owners, slotsToMove, type Scene, type Step } from '../scene';

/** Which primaries, as numbers among those that own slots, and how many slots. */
export interface MoveChoice {
  /** @default 0 */
  readonly from?: number;
  /** @default 1 */
  readonly to?: number;
  /** @default 8 */
  readonly count?: number;
}

/** How often an atomic move is asked for. */
const ATTEMPTS = 5;

/** How a classic move ends before its end. */
export type Abort =
  /** SETSLOT STABLE at both ends: keys that have moved stay where nobody finds them. */
  | 'stable'
  /** As an administrator repairs it: the keys are moved back first. */
  | 'return';

export interface ClassicChoice extends MoveChoice {
  readonly abort?: Abort;
  /** ms between the steps of the move: the slots stay half-moved so long. @default 150 */
  readonly linger?: number;
}

/** SETSLOT and MIGRATE, key by key, while ASK redirects the writers. */
export function classicMove({ linger = 150, abort, ...choice }: ClassicChoice = {}): Step {
  return {
    name: `classic move${abort ? ` given up (${abort})` : ''}${describe(choice)}`,
    run: async scene => {
      const { cluster } = scene;
      const { from, to, slots } = await choose(scene, choice);
      await cluster.beginSlotMove(from, to, slots);
      await sleep(linger);
      if (abort) {
        await cluster.migrateKeys(from, to, slots.slice(0, Math.ceil(slots.length / 2)));
        await sleep(linger);
        await giveUp(scene, from, to, slots, abort);
        return;
      }
      await cluster.migrateKeys(from, to, slots);
      await sleep(linger);
      await cluster.finishSlotMove(from, to, slots);
    }
  };
}

async function giveUp(
  { cluster, ledger }: Scene,
  from: ClusterNode,
  to: ClusterNode,
  slots: readonly number[],
  abort: Abort
): Promise<void> {
  if (abort === 'stable') {
    const settled = ledger.doubt('keys that stay behind', toRanges(slots));
    await cluster.abandonSlotMove(from, to, slots);
    settled();
    return;
  }
  await cluster.returnSlotMove(from, to, slots);
}

/** The target takes the slots while the source still has keys of theirs: these are gone, without a word. */
export function forcedTakeover(choice: MoveChoice = {}): Step {
  return {
    name: `forced takeover${describe(choice)}`,
    run: async scene => {
      const { cluster, ledger } = scene;
      const { from, to, slots } = await choose(scene, choice);
      await cluster.beginSlotMove(from, to, slots);
      await cluster.migrateKeys(from, to, slots.slice(0, Math.floor(slots.length / 2)));
      const settled = ledger.doubt('keys left to the source', toRanges(slots));
      await cluster.takeSlots(from, to, slots);
      settled();
    }
  };
}

export interface AtomicChoice extends MoveChoice {
  /** Give it up half-way. */
  readonly cancel?: boolean;
  /** New keys in the first of the slots before it moves. @default 0 */
  readonly fill?: number;
  /** ms after the start. @default 40 */
  readonly cancelAfter?: number;
}

/** The server's own migration (Redis >= 8.4, Valkey >= 9). Redis has one at a time per node: another waits. */
export function atomicMove({ cancel = false, fill = 0, cancelAfter = 40, ...choice }: AtomicChoice = {}): Step {
  return {
    name: `atomic move${cancel ? ' cancelled' : ''}${describe(choice)}`,
    run: async scene => {
      const { cluster, writers } = scene;
      const { from, to, slots } = await choose(scene, choice);
      if (fill) {
        await writers.fill(slots[0], fill);
      }
      if (cancel) {
        const move = await waitFor('the server to begin', () => cluster.beginAtomic(from, to, slots));
        await sleep(cancelAfter);
        await cluster.cancelAtomic(move);
        return;
      }
      await moveAtomically(scene, from, to, slots);
    }
  };
}

/**
 * A server gives a migration up by itself when it hears of another one meanwhile: then it is asked again. Valkey 9.1
 * may call one failed at the source of which the target has taken the slots.
 */
export async function moveAtomically(
  { cluster, ledger }: Scene,
  from: ClusterNode,
  to: ClusterNode,
  slots: SlotSet
): Promise<void> {
  const hasArrived = async () => {
    const owned = new Set(expandSlots((await to.self()).slots));
    return expandSlots(slots).every(slot => owned.has(slot));
  };
  let settled: (() => void) | undefined;
  for (let attempt = 1; ; attempt++) {
    const begin = async () => (await hasArrived()) || cluster.beginAtomic(from, to, slots);
    const since = Date.now();
    const move = await waitFor('the server to begin', begin);
    if (move === true) {
      return settled?.();
    }
    try {
      await cluster.waitForAtomic(move);
      return settled?.();
    } catch (error) {
      if (attempt === ATTEMPTS) {
        throw error;
      }
      // Valkey 9.1 removes what runs out in such slots without a word, as listeners on every node show.
      settled ??= ledger.doubt('an atomic move that fails', toRanges(expandSlots(slots)), 'expiry', since);
    }
  }
}

async function choose(scene: Scene, { from = 0, to = 1, count = 8 }: MoveChoice) {
  const primaries = await owners(scene);
  const [source, target] = [from, to].map(index => primaries[index % primaries.length]);
  return { from: source, to: target, slots: await slotsToMove(scene, source, count) };
}

function describe({ from = 0, to = 1, count = 8 }: MoveChoice): string {
  return ` of ${count} slots from primary ${from} to ${to}`;
}
