import type { ServerBinary } from '../servers/server-binary';
import { Random } from './random';
import type { Scenario } from './scenarios';
import { pause, sequence, together, type Step } from './scene';
import { clientKill } from './steps/connection-steps';
import { freeze, kill, restartDead, shortFreeze } from './steps/crash-steps';
import { failover, failoverAll } from './steps/failover-steps';
import { addNode, addReplica, removeNode, removeReplica, reparentReplica, takeSlots } from './steps/membership-steps';
import { atomicMove, classicMove, forcedTakeover, type MoveChoice } from './steps/slot-steps';

export interface RandomScenarioOptions {
  /** Crashes, hangs and cut connections too. @default false */
  readonly war?: boolean;
  /** @default 3 to 6 */
  readonly steps?: number;
}

type MakeStep = (random: Random) => Step;

/** Random moves on a cluster of 3+3 nodes. The same seed and server give the same scenario. */
export function randomScenario(
  server: ServerBinary,
  seed: number,
  { war = false, steps }: RandomScenarioOptions = {}
): Scenario {
  const random = new Random(seed);
  const moves = [...PEACE, ...(server.supports('atomicSlotMigration') ? ATOMIC : []), ...(war ? WAR : [])];
  const count = steps ?? random.integer(3, 6);
  return {
    kind: war ? 'war' : 'peace',
    cluster: { replicas: 1, nodeTimeout: war ? 1_000 : 2_000 },
    steps: Array.from({ length: count }, () => [random.pick(moves)(random), pause(random.integer(0, 400))]).flat()
  };
}

const PEACE: readonly MakeStep[] = [
  random => classicMove({ ...choice(random), linger: random.integer(0, 200) }),
  random => classicMove({ ...choice(random), abort: 'stable', linger: random.integer(0, 200) }),
  random => forcedTakeover(choice(random)),
  random => failover(random.integer(0, 2)),
  () => failoverAll(),
  random => {
    const method = 'migrate';
    const stay = pause(random.integer(0, 300));
    return sequence(
      'a visit',
      addNode({ count: random.integer(1, 12), method }),
      stay,
      takeSlots({ method }),
      removeNode()
    );
  },
  random => {
    const shard = random.integer(0, 2);
    const stay = pause(random.integer(0, 300));
    return sequence('a replica visits', addReplica(shard), stay, reparentReplica(shard + 1), stay, removeReplica());
  }
];

const ATOMIC: readonly MakeStep[] = [
  random => atomicMove({ ...choice(random), fill: random.pick([0, 500, 3_000]) }),
  random => atomicMove({ ...choice(random), fill: 3_000, cancel: true, cancelAfter: random.integer(0, 150) }),
  random => {
    const { from, to } = choice(random);
    return together('atomic moves both ways', atomicMove({ from, to }), atomicMove({ from: to, to: from }));
  },
  () => sequence('an atomic visit', addNode({ method: 'atomic' }), takeSlots({ method: 'atomic' }), removeNode())
];

const WAR: readonly MakeStep[] = [
  random => sequence('a crash', kill(random.integer(0, 2)), pause(300), restartDead()),
  random => freeze(random.integer(0, 2), random.integer(0, 1_000)),
  random => shortFreeze(random.integer(0, 2), random.integer(50, 500)),
  random => clientKill(random.integer(1, 5))
];

function choice(random: Random): Required<MoveChoice> {
  const from = random.integer(0, 2);
  return { from, to: (from + random.integer(1, 2)) % 3, count: random.integer(1, 20) };
}
