import type { CreateReplicationGroupMessage } from '@aws-sdk/client-elasticache';
import { modifications } from './enable-plan';
import { ElastiCacheError } from './errors';
import { addLetters } from './flags';
import { CLUSTER_MODE_ON, isClusterEnabled, NOTIFY, notifyValue, type ParameterGroup } from './parameter-group';
import type { ServiceCall } from './service-call';

/** What a new replication group is to be like. */
export interface ProvisionRequest {
  readonly id: string;
  readonly description: string;
  readonly engine: 'valkey' | 'redis';
  readonly nodeType: string;
  readonly clusterMode: boolean;
  /** Primaries; more than one only with cluster mode. */
  readonly nodeGroups: number;
  /** Of each primary. */
  readonly replicas: number;
  readonly tls: boolean;
  readonly subnetGroup?: string;
  readonly securityGroups?: readonly string[];
  /** The letters for `notify-keyspace-events`; without, AWS's own parameter group is used. */
  readonly letters?: string;
  /** The group that is to have them. @default `<id>-keyspace` */
  readonly parameterGroupName?: string;
}

/** What AWS has for the request. */
export interface ProvisionState {
  readonly engineVersion: string;
  readonly family: string;
  /** The group of the wanted name, if it exists already. */
  readonly target: ParameterGroup | undefined;
}

export interface ProvisionPlan {
  readonly parameterGroup: string;
  readonly engineVersion: string;
  readonly calls: readonly ServiceCall[];
}

/** @throws {ElastiCacheError} for what AWS would refuse only after a parameter group has been made */
export function checkRequest({ id, clusterMode, nodeGroups, replicas }: ProvisionRequest): void {
  const isName = /^[a-z](-?[a-z0-9])*$/i.test(id) && id.length <= 40;
  if (!isName)
    throw wrong(`--cluster-id ${JSON.stringify(id)}: at most 40 letters, digits and single hyphens, a letter first`);
  if (nodeGroups > 1 && !clusterMode) throw wrong(`--num-node-groups ${nodeGroups}: more than 1 needs cluster mode`);
  if (nodeGroups < 1 || nodeGroups > 500) throw wrong(`--num-node-groups ${nodeGroups}: 1 to 500`);
  if (replicas < 0 || replicas > 5) throw wrong(`--replicas ${replicas}: 0 to 5`);
}

/** The name of the group of a request that wants letters. */
export function groupNameOf({ id, parameterGroupName }: ProvisionRequest): string {
  return parameterGroupName ?? `${id}-keyspace`;
}

/** The parameter group first, so that the nodes have it from their first start; then the replication group. */
export function planProvision(request: ProvisionRequest, state: ProvisionState): ProvisionPlan {
  const { engineVersion, family, target } = state;
  const { letters, clusterMode } = request;
  const ofAws = `default.${family}${clusterMode ? '.cluster.on' : ''}`;
  const parameterGroup = letters === undefined ? ofAws : groupNameOf(request);
  const before = letters === undefined ? [] : target ? additions(request, target, state) : creation(request, state);
  return {
    parameterGroup,
    engineVersion,
    calls: [...before, replicationGroup(request, engineVersion, parameterGroup)]
  };
}

function creation(request: ProvisionRequest, { family }: ProvisionState): ServiceCall[] {
  const { id, clusterMode, letters = '' } = request;
  const name = groupNameOf(request);
  const create: ServiceCall = {
    operation: 'CreateCacheParameterGroup',
    input: {
      CacheParameterGroupName: name,
      CacheParameterGroupFamily: family,
      Description: `Keyspace notifications, for ${id}`
    }
  };
  const values = [...(clusterMode ? [CLUSTER_MODE_ON] : []), { ParameterName: NOTIFY, ParameterValue: letters }];
  return [create, ...modifications(name, values)];
}

function additions(request: ProvisionRequest, target: ParameterGroup, { family }: ProvisionState): ServiceCall[] {
  const { name } = target;
  if (target.family !== family) throw wrong(`Parameter group ${name} is of family ${target.family}, not ${family}`);
  if (isClusterEnabled(target) !== request.clusterMode)
    throw wrong(`Parameter group ${name} is one for cluster mode ${request.clusterMode ? 'off' : 'on'}`);
  const present = notifyValue(target);
  const after = addLetters(present, request.letters ?? '');
  return after === present ? [] : modifications(name, [{ ParameterName: NOTIFY, ParameterValue: after }]);
}

function replicationGroup(request: ProvisionRequest, engineVersion: string, parameterGroup: string): ServiceCall {
  const { clusterMode, nodeGroups, replicas, securityGroups } = request;
  const nodes: Partial<CreateReplicationGroupMessage> = clusterMode
    ? { NumNodeGroups: nodeGroups, ReplicasPerNodeGroup: replicas }
    : { NumCacheClusters: 1 + replicas };
  return {
    operation: 'CreateReplicationGroup',
    input: {
      ReplicationGroupId: request.id,
      ReplicationGroupDescription: request.description,
      Engine: request.engine,
      EngineVersion: engineVersion,
      CacheNodeType: request.nodeType,
      CacheParameterGroupName: parameterGroup,
      ...nodes,
      // AWS asks for it with cluster mode, and refuses it where nobody can take over.
      AutomaticFailoverEnabled: clusterMode || replicas > 0,
      TransitEncryptionEnabled: request.tls,
      CacheSubnetGroupName: request.subnetGroup,
      SecurityGroupIds: securityGroups?.length ? [...securityGroups] : undefined
    }
  };
}

function wrong(message: string): ElastiCacheError {
  return new ElastiCacheError('ELASTICACHE_ARGUMENT', message);
}
