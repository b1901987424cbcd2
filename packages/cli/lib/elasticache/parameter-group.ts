import type { Parameter, ParameterNameValue } from '@aws-sdk/client-elasticache';
import { ElastiCacheError } from './errors';

export const NOTIFY = 'notify-keyspace-events';
const CLUSTER_ENABLED = 'cluster-enabled';

/** How many values one ModifyCacheParameterGroup takes. */
const MOST_VALUES = 20;

/** A parameter group with its values. */
export interface ParameterGroup {
  readonly name: string;
  readonly family: string;
  readonly parameters: readonly Parameter[];
}

/** AWS owns the groups whose names begin so; nobody else can change them. */
export function isDefaultGroup(name: string): boolean {
  return name.startsWith('default.');
}

/** What the group gives to `notify-keyspace-events`. */
export function notifyValue({ name, parameters }: ParameterGroup): string {
  const parameter = parameters.find(({ ParameterName }) => ParameterName === NOTIFY);
  if (parameter === undefined || parameter.IsModifiable === false) {
    const why = parameter === undefined ? 'does not know' : 'does not let anybody change';
    throw new ElastiCacheError('ELASTICACHE_UNSUPPORTED', `Parameter group ${name} ${why} ${NOTIFY}`);
  }
  return parameter.ParameterValue ?? '';
}

/**
 * The values of a group that another one does not have: what a copy has to be given so that nothing changes for the
 * caches that move to it. A new group of a family begins with the family's defaults, in which cluster mode is off, and
 * that can be changed only before the group is used; `notify-keyspace-events` is not among them.
 */
export function differences(from: readonly Parameter[], to: readonly Parameter[]): ParameterNameValue[] {
  const values = new Map(to.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue ?? '']));
  return from
    .filter(({ ParameterName, ParameterValue, IsModifiable }) => {
      if (ParameterName === undefined || ParameterName === NOTIFY || ParameterValue === undefined) return false;
      if (IsModifiable === false && ParameterName !== CLUSTER_ENABLED) return false;
      return ParameterValue !== (values.get(ParameterName) ?? '');
    })
    .map(({ ParameterName, ParameterValue }) => ({ ParameterName, ParameterValue }));
}

/** What makes a new group of any family one for cluster mode. */
export const CLUSTER_MODE_ON: ParameterNameValue = { ParameterName: CLUSTER_ENABLED, ParameterValue: 'yes' };

/** Whether the group is one for cluster mode. */
export function isClusterEnabled({ parameters }: ParameterGroup): boolean {
  return parameters.some(
    ({ ParameterName, ParameterValue }) => ParameterName === CLUSTER_ENABLED && ParameterValue === 'yes'
  );
}

/** Values in portions that one call takes. */
export function portions(values: readonly ParameterNameValue[]): ParameterNameValue[][] {
  const count = Math.ceil(values.length / MOST_VALUES);
  return Array.from({ length: count }, (_, index) => values.slice(index * MOST_VALUES, (index + 1) * MOST_VALUES));
}

/** What is wrong with the name for a group, as AWS would find too late. */
export function problemOfGroupName(name: string): string | undefined {
  const isName = /^[a-z](-?[a-z0-9])*$/i.test(name) && name.length <= 255;
  return isName ? undefined : 'a name has letters, digits and single hyphens, and begins with a letter';
}
