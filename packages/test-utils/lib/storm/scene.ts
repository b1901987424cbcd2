import { TestKitUsageError } from '../errors';
import type { ClusterNode } from '../cluster/cluster-node';
import type { SlotRange } from '../cluster/slot-ranges';
import type { TestCluster } from '../cluster/test-cluster';
import { sleep } from '../wait';
import type { Ledger } from './ledger';
import type { Random } from './random';
import type { StepLog } from './step-log';
import type { Writers } from './writers';

/** What a step can work with. */
export interface Scene {
  readonly cluster: TestCluster;
  /** Those of this process. */
  readonly writers: Writers;
  /** Writers outside enter theirs when they have stopped. */
  readonly ledger: Ledger;
  readonly random: Random;
  readonly log: StepLog;
  /** The slots that get half of the writes, counters included: those that are worth moving. */
  readonly focus: readonly number[];
  /** What the listeners go through to reach a node, by its address: for network faults. */
  readonly doors: ReadonlyMap<string, Door>;
  /** Whether a write of one of these slots was sent after that time, and acknowledged: by all who write. */
  hasWrittenSince(time: number, slots: readonly SlotRange[]): Promise<boolean>;
}

/** A door in front of a server: a TcpProxy. */
export interface Door {
  stall(): void;
  resume(): void;
  cut(): void;
}

/** One move of a scenario. Its name is what a finding is told relative to. */
export interface Step {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

/** Runs steps one after the other; each fails under its name. */
export async function runSteps(scene: Scene, steps: readonly Step[]): Promise<void> {
  for (const { name, run } of steps) {
    try {
      await scene.log.during(name, () => run(scene));
    } catch (error) {
      throw new StepError(name, error);
    }
  }
}

/** The kit, or the servers, could not do what a step wants: the scenario says nothing of who listens. */
export class StepError extends TestKitUsageError {
  constructor(step: string, cause: unknown) {
    super(`In the step "${step}": ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Nothing but writes. */
export function pause(ms: number): Step {
  return { name: `pause of ${ms} ms`, run: () => sleep(ms) };
}

/** One after the other, as one. */
export function sequence(name: string, ...steps: readonly Step[]): Step {
  return { name, run: scene => runSteps(scene, steps) };
}

/** All at once. */
export function together(name: string, ...steps: readonly Step[]): Step {
  return {
    name,
    run: async scene => {
      await Promise.all(steps.map(step => runSteps(scene, [step])));
    }
  };
}

/** The primaries that own slots, in the order of the cluster's nodes. */
export async function owners({ cluster }: Scene): Promise<ClusterNode[]> {
  const primaries = await cluster.primaries();
  const selves = await Promise.all(primaries.map(node => node.self()));
  return primaries.filter((_, index) => selves[index].slots.length > 0);
}

/** So many slots of a node, those first that are written most. */
export async function slotsToMove({ cluster, focus }: Scene, from: ClusterNode, count: number): Promise<number[]> {
  const owned = await cluster.slotsOf(from);
  const focused = owned.filter(slot => focus.includes(slot));
  return [...focused, ...owned.filter(slot => !focus.includes(slot))].slice(0, count);
}

export async function rangesOf(node: ClusterNode): Promise<readonly SlotRange[]> {
  return (await node.self()).slots;
}
