import type { Parameter, ParameterNameValue } from '@aws-sdk/client-elasticache';
import type { Cache } from './cache';
import { ElastiCacheError } from './errors';
import { addLetters } from './flags';
import { differences, isDefaultGroup, NOTIFY, notifyValue, portions, type ParameterGroup } from './parameter-group';
import type { ServiceCall } from './service-call';

/** What is known before anything is changed. */
export interface EnableState {
  readonly cache: Cache;
  /** The letters that have to be on. */
  readonly wanted: string;
  /** The group that the members have now. */
  readonly present: ParameterGroup;
  /** The name of the group that is to have the letters; that of `present` to change it in place. */
  readonly name: string;
  /** The group of that name; `undefined` if it has to be made. */
  readonly target: ParameterGroup | undefined;
  /** What a new group of the family begins with. */
  readonly familyDefaults: readonly Parameter[];
}

/** What to do, and what comes of it. */
export interface EnablePlan {
  readonly parameterGroup: string;
  readonly before: string;
  readonly after: string;
  /** In this order; none when nothing has to be done. */
  readonly calls: readonly ServiceCall[];
}

/** The name of the group that gets the letters when nobody names one: AWS's own groups cannot be changed. */
export function defaultTarget({ id }: Pick<Cache, 'id'>, present: string): string {
  return isDefaultGroup(present) ? `${id}-keyspace` : present;
}

/**
 * How the letters come on: the present group in place, a group that exists already, or a copy of the present one.
 *
 * @throws {ElastiCacheError} when an existing group would change more than the letters
 */
export function planEnable(state: EnableState): EnablePlan {
  const { cache, wanted, present, name, target } = state;
  const before = notifyValue(present);
  const after = addLetters(target === undefined || target === present ? before : notifyValue(target), wanted);
  if (target === present) {
    return { parameterGroup: name, before, after, calls: modifications(name, after === before ? [] : [notify(after)]) };
  }
  const calls = target === undefined ? copies(state, after) : additions(present, target, after);
  return { parameterGroup: name, before, after, calls: [...calls, use(cache, name)] };
}

function copies({ cache, present, name, familyDefaults }: EnableState, after: string): ServiceCall[] {
  const create: ServiceCall = {
    operation: 'CreateCacheParameterGroup',
    input: {
      CacheParameterGroupName: name,
      CacheParameterGroupFamily: present.family,
      Description: `${present.name} with keyspace notifications, for ${cache.id}`
    }
  };
  return [create, ...modifications(name, [...differences(present.parameters, familyDefaults), notify(after)])];
}

function additions(present: ParameterGroup, target: ParameterGroup, after: string): ServiceCall[] {
  if (target.family !== present.family) throw unfit(target, `is of family ${target.family}, not ${present.family}`);
  const other = [
    ...differences(present.parameters, target.parameters),
    ...differences(target.parameters, present.parameters)
  ];
  const names = [...new Set(other.map(({ ParameterName }) => ParameterName))];
  if (names.length) throw unfit(target, `differs from ${present.name} in ${names.join(', ')}`);
  return modifications(target.name, after === notifyValue(target) ? [] : [notify(after)]);
}

function unfit({ name }: ParameterGroup, why: string): ElastiCacheError {
  return new ElastiCacheError('ELASTICACHE_ARGUMENT', `Parameter group ${name} exists and ${why}`, {
    remedy: 'Give the name of another one, or of none that exists, with --parameter-group-name.'
  });
}

function notify(letters: string): ParameterNameValue {
  return { ParameterName: NOTIFY, ParameterValue: letters };
}

/** The calls that give values to a group. */
export function modifications(name: string, values: readonly ParameterNameValue[]): ServiceCall[] {
  return portions(values).map(ParameterNameValues => ({
    operation: 'ModifyCacheParameterGroup',
    input: { CacheParameterGroupName: name, ParameterNameValues }
  }));
}

function use({ kind, id }: Cache, name: string): ServiceCall {
  const how = { CacheParameterGroupName: name, ApplyImmediately: true };
  return kind === 'replication-group'
    ? { operation: 'ModifyReplicationGroup', input: { ReplicationGroupId: id, ...how } }
    : { operation: 'ModifyCacheCluster', input: { CacheClusterId: id, ...how } };
}
