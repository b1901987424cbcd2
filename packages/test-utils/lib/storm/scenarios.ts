import type { ClusterOptions } from '../cluster/start-cluster';
import type { ServerBinary, ServerFeature } from '../servers/server-binary';
import { pause, sequence, together, type Step } from './scene';
import { block, clientKill, overrun, revokeChannels, stall } from './steps/connection-steps';
import {
  emptyPromotion,
  flushAll,
  forcedPromotion,
  freeze,
  kill,
  killAllAndRestart,
  restartDead,
  shortFreeze
} from './steps/crash-steps';
import { failover, failoverAll, rollingRestart } from './steps/failover-steps';
import { addNode, addReplica, removeNode, removeReplica, reparentReplica, takeSlots } from './steps/membership-steps';
import { atomicMove, classicMove, forcedTakeover } from './steps/slot-steps';

/** A storm with a name. */
export interface Scenario {
  /** In peace nothing may be lost, and no gap told; in war nothing may be lost outside a gap. */
  readonly kind: 'peace' | 'war';
  readonly needs?: ServerFeature;
  readonly cluster?: ClusterOptions;
  /** The listeners reach the nodes through doors (`Storm.doors`), for network faults. */
  readonly doors?: boolean;
  /** The listeners are this user, who may do everything until a step forbids it. */
  readonly user?: string;
  readonly steps: readonly Step[];
}

const WITH_REPLICAS: ClusterOptions = { replicas: 1 };
const AT_WAR: ClusterOptions = { replicas: 1, nodeTimeout: 1_000 };

/** The storms of the two lists, each a few seconds long. */
export const SCENARIOS = {
  calm: { kind: 'peace', steps: [pause(1_000)] },
  membership: { kind: 'peace', steps: [addNode(), pause(200), takeSlots(), pause(200), removeNode()] },
  classic: {
    kind: 'peace',
    steps: [classicMove(), classicMove({ from: 1, to: 0 }), classicMove({ from: 1, to: 2, count: 30, linger: 50 })]
  },
  takeover: { kind: 'peace', steps: [forcedTakeover(), pause(300), forcedTakeover({ from: 1, to: 0 })] },
  aborted: { kind: 'peace', steps: [classicMove({ abort: 'stable' }), pause(300), classicMove({ linger: 50 })] },
  returned: { kind: 'peace', steps: [classicMove({ abort: 'return' }), pause(300), classicMove({ linger: 50 })] },
  atomic: {
    kind: 'peace',
    needs: 'atomicSlotMigration',
    steps: [
      atomicMove({ count: 1, fill: 5_000 }),
      pause(300),
      atomicMove({ from: 1, to: 0 }),
      pause(300),
      atomicMove({ from: 0, to: 2 })
    ]
  },
  cancelled: {
    kind: 'peace',
    needs: 'atomicSlotMigration',
    steps: [atomicMove({ count: 1, fill: 5_000, cancel: true }), pause(200), atomicMove({ count: 1 })]
  },
  crossing: {
    kind: 'peace',
    needs: 'atomicSlotMigration',
    steps: [
      together('atomic moves both ways', atomicMove({ fill: 2_000 }), atomicMove({ from: 1, to: 0, fill: 2_000 }))
    ]
  },
  failover: { kind: 'peace', cluster: WITH_REPLICAS, steps: [failover(), pause(200), failover()] },
  failovers: {
    kind: 'peace',
    cluster: WITH_REPLICAS,
    steps: [failoverAll(), pause(200), sequence('and back', failoverAll())]
  },
  replicas: {
    kind: 'peace',
    cluster: WITH_REPLICAS,
    steps: [addReplica(), pause(300), reparentReplica(), pause(300), removeReplica()]
  },
  rolling: { kind: 'peace', cluster: WITH_REPLICAS, steps: [rollingRestart()] },
  kill: { kind: 'war', cluster: AT_WAR, steps: [kill(), pause(500), restartDead()] },
  'kill-two': {
    kind: 'war',
    // With three primaries the two dead ones would be the majority.
    cluster: { primaries: 5, replicas: 1, nodeTimeout: 1_000 },
    steps: [kill(0, 1), pause(500)]
  },
  'kill-all': { kind: 'war', cluster: AT_WAR, steps: [killAllAndRestart(), pause(1_000)] },
  freeze: { kind: 'war', cluster: AT_WAR, steps: [freeze(), pause(500)] },
  'short-freeze': { kind: 'war', steps: [shortFreeze(), pause(300)] },
  'client-kill': { kind: 'war', steps: [clientKill(), pause(300), clientKill(5), pause(300)] },
  blocked: {
    kind: 'war',
    cluster: { config: { 'client-output-buffer-limit': 'pubsub 1mb 0 0' } },
    steps: [block(1_000), overrun(), pause(500)]
  },
  stall: { kind: 'war', doors: true, steps: [stall(0, 500), pause(200), stall(1, 4_000), pause(300)] },
  partition: {
    kind: 'war',
    doors: true,
    cluster: AT_WAR,
    steps: [together('a partition', stall(0, 5_000), kill()), pause(500)]
  },
  acl: { kind: 'war', user: 'listener', steps: [revokeChannels('listener'), pause(500)] },
  empty: { kind: 'war', cluster: AT_WAR, steps: [emptyPromotion(), pause(500)] },
  flush: { kind: 'peace', steps: [flushAll(), pause(300)] },
  promotion: { kind: 'war', cluster: WITH_REPLICAS, steps: [forcedPromotion(), pause(500)] }
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** The scenarios of a kind that a server can play. */
export function scenariosFor(
  server: ServerBinary,
  kind?: Scenario['kind']
): (Scenario & { readonly name: ScenarioName })[] {
  return (Object.entries(SCENARIOS) as [ScenarioName, Scenario][])
    .map(([name, scenario]) => ({ name, ...scenario }))
    .filter(scenario => kind === undefined || scenario.kind === kind)
    .filter(({ needs }) => needs === undefined || server.supports(needs));
}
