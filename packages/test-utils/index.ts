export * from './lib/errors';
export { waitFor, type WaitOptions } from './lib/wait';

export type { ServerBinary, ServerFeature, ServerProduct } from './lib/servers/server-binary';
export { findServer, findServers, loadServers, type FindServersOptions } from './lib/servers/find-servers';
export { matrix } from './lib/servers/matrix';

export type { ServerConfig } from './lib/processes/config-file';
export { releasePort, reservePort } from './lib/processes/ports';
export type { CommandArgument } from './lib/standalone/control-connection';
export { RedisServer, type PlainClient } from './lib/standalone/redis-server';
export { stopAll } from './lib/standalone/running-servers';
export { TLS_IDENTITY } from './lib/standalone/tls-identity';
export { startStandalone, type StandaloneOptions } from './lib/standalone/start-standalone';

export { ClusterNode } from './lib/cluster/cluster-node';
export { parseClusterNodes, type ClusterView, type NodeView } from './lib/cluster/cluster-view';
export { SimulatedCluster, type SimulatedClusterOptions } from './lib/cluster/simulated-cluster';
export { keyInSlot, slotOf } from './lib/cluster/slot-key';
export { SLOTS, expandSlots, toRanges, type SlotRange, type SlotSet } from './lib/cluster/slot-ranges';
export { startCluster, type ClusterOptions } from './lib/cluster/start-cluster';
export { TestCluster, type MoveOptions } from './lib/cluster/test-cluster';
export type { AtomicMove } from './lib/cluster/atomic-move';

export { startSentinel, type SentinelOptions } from './lib/sentinel/start-sentinel';
export { TestSentinel } from './lib/sentinel/test-sentinel';

export { FakeConnection } from './lib/fake/fake-connection';
export { ScriptedCluster } from './lib/fake/scripted-cluster';
export { ScriptedNode, type HeldCommand } from './lib/fake/scripted-node';
export { FakeServer, type FakeServerOptions, type RecordedCommand, type Script } from './lib/fake/fake-server';
export { NO_REPLY, double, encodeReply, error, push, raw, simple, type Reply, type TypedReply } from './lib/fake/reply';
export { TcpProxy, type ProxyTarget } from './lib/proxy/tcp-proxy';

export { openApproach, type Approach } from './lib/storm/approach';
export { check, FINDING_KINDS, type CheckInput, type Finding, type Summary, type Verdict } from './lib/storm/checker';
export { Hearing, type Heard, type ToldGap } from './lib/storm/hearing';
export { Ledger, type Doubt, type Expectation, type KeyHistory, type WriteRecord } from './lib/storm/ledger';
export { formatOutage, measureOutages, type Outage, type OutageReport } from './lib/storm/outage';
export { Random } from './lib/storm/random';
export { randomScenario, type RandomScenarioOptions } from './lib/storm/random-scenario';
export { formatFinding, formatGap, formatVerdict } from './lib/storm/report';
export { SCENARIOS, scenariosFor, type Scenario, type ScenarioName } from './lib/storm/scenarios';
export { StepError, pause, sequence, together, type Door, type Scene, type Step } from './lib/storm/scene';
export { StepLog, relativeTo, type StepRecord } from './lib/storm/step-log';
export * from './lib/storm/steps/connection-steps';
export * from './lib/storm/steps/crash-steps';
export * from './lib/storm/steps/failover-steps';
export * from './lib/storm/steps/membership-steps';
export * from './lib/storm/steps/slot-steps';
export { createStormClient } from './lib/storm/storm-client';
export { Storm, type OpenListener, type StormListener, type StormOptions, type StormResult } from './lib/storm/storm';
export { Writers, type StormClient, type WriterOptions } from './lib/storm/writers';
