import type {
  CreateCacheParameterGroupMessage,
  CreateReplicationGroupMessage,
  DeleteCacheParameterGroupMessage,
  ModifyCacheClusterMessage,
  ModifyCacheParameterGroupMessage,
  ModifyReplicationGroupMessage
} from '@aws-sdk/client-elasticache';

/** A call that changes something, as a value: plans are made of them, and can be shown instead of made. */
export type ServiceCall =
  | { readonly operation: 'CreateCacheParameterGroup'; readonly input: CreateCacheParameterGroupMessage }
  | { readonly operation: 'ModifyCacheParameterGroup'; readonly input: ModifyCacheParameterGroupMessage }
  | { readonly operation: 'DeleteCacheParameterGroup'; readonly input: DeleteCacheParameterGroupMessage }
  | { readonly operation: 'ModifyCacheCluster'; readonly input: ModifyCacheClusterMessage }
  | { readonly operation: 'ModifyReplicationGroup'; readonly input: ModifyReplicationGroupMessage }
  | { readonly operation: 'CreateReplicationGroup'; readonly input: CreateReplicationGroupMessage };

/** Which AWS a call goes to; what is left out is found as the AWS CLI finds it. */
export interface Where {
  readonly region?: string;
  readonly profile?: string;
  /** Instead of the region's own: a VPC endpoint, or an emulator. */
  readonly endpointUrl?: string;
}

/** The same call for the AWS CLI, to be read or pasted into a POSIX shell. */
export function asCommandLine({ operation, input }: ServiceCall, where: Where = {}): string {
  const options = Object.entries({ ...input, ...where }).flatMap(([name, value]) => optionOf(kebab(name), value));
  return ['aws', 'elasticache', kebab(operation), ...options].join(' ');
}

function optionOf(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (value === true) return [`--${name}`];
  if (value === false) return [`--no-${name}`];
  if (Array.isArray(value)) return [`--${name}`, ...value.map(item => quoted(itemOf(item)))];
  return [`--${name}`, quoted(String(value))];
}

/** The CLI's shorthand of a structure. A value in double quotes may hold a comma, or be empty. */
function itemOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  return Object.entries(item)
    .map(([name, value]) => `${name}=${/^[\w.$-]+$/.test(String(value)) ? value : JSON.stringify(value)}`)
    .join(',');
}

function kebab(name: string): string {
  return name.replace(/([a-z0-9])(?=[A-Z])/g, '$1-').toLowerCase();
}

function quoted(text: string): string {
  return /^[\w.,:=/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
