import { ServiceFault } from './service-fault';
import { list, type XmlObject } from './xml';

/** A parameter of a family: its default, and whether it can be changed. */
interface Definition {
  readonly byDefault: string;
  readonly isModifiable?: boolean;
}

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  activerehashing: { byDefault: 'yes' },
  'cluster-enabled': { byDefault: 'no', isModifiable: false },
  databases: { byDefault: '16' },
  'lazyfree-lazy-eviction': { byDefault: 'no' },
  'maxmemory-policy': { byDefault: 'volatile-lru' },
  maxmemory: { byDefault: '0', isModifiable: false },
  'notify-keyspace-events': { byDefault: '' },
  timeout: { byDefault: '0' },
  ...Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`tuning-${index}`, { byDefault: '1' }]))
};

/** Of the real service's families, those that a test uses. */
export const FAMILIES = ['memcached1.6', 'redis4.0', 'redis5.0', 'redis6.x', 'redis7', 'valkey7', 'valkey8', 'valkey9'];

export interface FakeGroup {
  readonly name: string;
  readonly family: string;
  readonly values: Map<string, string>;
}

/** The parameter groups of an account: AWS's own, which nobody can change, and those that are made. */
export class FakeParameterGroups {
  readonly #groups = new Map<string, FakeGroup>();
  /** Which groups are in use. */
  readonly #inUse: () => ReadonlySet<string>;

  constructor(inUse: () => ReadonlySet<string>) {
    this.#inUse = inUse;
    for (const family of FAMILIES) {
      this.#add(`default.${family}`, family);
      this.#add(`default.${family}.cluster.on`, family).values.set('cluster-enabled', 'yes');
    }
  }

  get names(): string[] {
    return [...this.#groups.keys()];
  }

  get(name: string): FakeGroup {
    const group = this.#groups.get(name);
    if (group !== undefined) return group;
    throw new ServiceFault('CacheParameterGroupNotFound', `CacheParameterGroup ${name} not found.`, 404);
  }

  /** A group of the customer's own, with values over the defaults. */
  create(name: string, family: string, values: Readonly<Record<string, string>> = {}): FakeGroup {
    if (!FAMILIES.includes(family))
      throw new ServiceFault('InvalidParameterValue', `CacheParameterGroupFamily ${family} is not a valid family.`);
    if (this.#groups.has(name))
      throw new ServiceFault('CacheParameterGroupAlreadyExists', `Cache parameter group ${name} already exists.`);
    const group = this.#add(name, family);
    for (const [parameter, value] of Object.entries(values)) group.values.set(parameter, value);
    return group;
  }

  modify(name: string, values: readonly (readonly [name: string, value: string])[]): void {
    const group = this.get(name);
    if (name.startsWith('default.'))
      throw new ServiceFault('InvalidCacheParameterGroupState', `${name} is a default group and cannot be modified.`);
    if (values.length < 1 || values.length > 20)
      throw new ServiceFault('InvalidParameterValue', `1 to 20 parameters can be modified, not ${values.length}.`);
    for (const [parameter, value] of values) this.#check(group, parameter, value);
    for (const [parameter, value] of values) group.values.set(parameter, value);
  }

  delete(name: string): void {
    this.get(name);
    if (this.#inUse().has(name))
      throw new ServiceFault('InvalidCacheParameterGroupState', `${name} is in use and cannot be deleted.`);
    this.#groups.delete(name);
  }

  parametersOf(values: ReadonlyMap<string, string>, family: string): XmlObject[] {
    return Object.entries(definitionsOf(family)).map(([name, { byDefault, isModifiable = true }]) => ({
      ParameterName: name,
      ParameterValue: values.get(name) ?? byDefault,
      Source: values.has(name) ? 'user' : 'system',
      DataType: 'string',
      IsModifiable: isModifiable,
      ChangeType: 'immediate'
    }));
  }

  describe({ name, family }: FakeGroup): XmlObject {
    const own = { CacheParameterGroupName: name, CacheParameterGroupFamily: family, Description: 'A group' };
    return { CacheParameterGroups: list('CacheParameterGroup', [own]) };
  }

  #add(name: string, family: string): FakeGroup {
    const group = { name, family, values: new Map<string, string>() };
    this.#groups.set(name, group);
    return group;
  }

  #check({ name, family }: FakeGroup, parameter: string, value: string): void {
    if (!(parameter in definitionsOf(family)))
      throw new ServiceFault('InvalidParameterValue', `The parameter ${parameter} cannot be found in ${family}.`);
    if (parameter === 'cluster-enabled' && this.#inUse().has(name))
      throw new ServiceFault('InvalidCacheParameterGroupState', `${name} is in use: cluster-enabled cannot change.`);
    if (parameter === 'maxmemory')
      throw new ServiceFault('InvalidParameterValue', `The parameter ${parameter} cannot be modified.`);
    if (parameter === 'notify-keyspace-events' && /[^KEAg$lshzxetdmn]/.test(value))
      throw new ServiceFault('InvalidParameterValue', `The value ${value} is invalid for ${parameter}.`);
  }
}

function definitionsOf(family: string): Readonly<Record<string, Definition>> {
  return family.startsWith('memcached') ? { chunk_size: { byDefault: '48' } } : DEFINITIONS;
}
