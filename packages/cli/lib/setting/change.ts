import { formatFlags, mergeFlags, missingFlags, parseFlags, unknownFlags, unsupportedFlags } from 'redis-keyspace';
import { adviceFor } from '../connection/advice';
import { Link } from '../connection/link';
import { infoOf } from '../connection/replies';
import type { ConnectionSettings } from '../connection/settings';
import { reasonOf } from '../errors';
import type { FleetNode } from '../fleet/fleet';
import { remedyWithoutConfig, type Provider } from '../fleet/provider';
import { serverInfoOf, type ServerInfo } from '../fleet/server-info';
import { persistConfiguration, readNotifySetting, writeNotifySetting } from './notify-setting';

/** What is to be done with the setting of every node. */
export interface ChangePlan {
  /** The letters to add; undefined: all are taken away. */
  readonly add: string | undefined;
  /** Whether it is to outlive a restart. */
  readonly persist: boolean;
  /** Only to be told. */
  readonly dryRun: boolean;
}

/** What became of one node. */
export interface NodeChange {
  readonly node: FleetNode;
  /** The letters before; undefined when they could not be read. */
  readonly before?: string;
  /** The letters afterwards, as the server tells them; of a dry run, what would be set. */
  readonly after?: string;
  /** Whether something was, or would be, set. */
  readonly changed: boolean;
  /** Whether it was written into the configuration file. */
  readonly persisted: boolean;
  /** What was set and is not shown: servers hide `n`, `o` and `c` besides `A`. */
  readonly hidden?: string;
  /** Why it is not as it was to be. */
  readonly failure?: { readonly message: string; readonly remedy: string };
}

/** Changes one node, and asks it again: what counts is what it tells afterwards. Never rejects. */
export async function changeNode(
  node: FleetNode,
  plan: ChangePlan,
  settings: ConnectionSettings,
  provider: Provider
): Promise<NodeChange> {
  const nothing = { node, changed: false, persisted: false };
  let link: Link;
  try {
    link = await Link.open(node, settings);
  } catch (error) {
    const reason = reasonOf(error);
    const again = 'run this again when it can be reached: a node that comes back without the setting is silent';
    return { ...nothing, failure: { message: `cannot be reached: ${reason}`, remedy: adviceFor(reason) ?? again } };
  }
  try {
    return await new Change(node, link, plan, provider).run();
  } finally {
    link[Symbol.dispose]();
  }
}

class Change {
  readonly #node: FleetNode;
  readonly #link: Link;
  readonly #plan: ChangePlan;
  readonly #provider: Provider;

  constructor(node: FleetNode, link: Link, plan: ChangePlan, provider: Provider) {
    this.#node = node;
    this.#link = link;
    this.#plan = plan;
    this.#provider = provider;
  }

  async run(): Promise<NodeChange> {
    const node = this.#node;
    let change: NodeChange = { node, changed: false, persisted: false };
    try {
      const before = await readNotifySetting(this.#link);
      const server = serverInfoOf(infoOf(await this.#link.ask('INFO', 'server').catch(() => '')));
      const target = this.#targetOf(before, server);
      change = { ...change, before, after: before, changed: target !== before };
      if (this.#plan.dryRun) return { ...change, after: target, failure: this.#shortfall(target, server) };
      if (change.changed) await writeNotifySetting(this.#link, target);
      const after = await readNotifySetting(this.#link);
      const hidden = formatFlags(unknownFlags(parseFlags(this.#plan.add ?? ''), parseFlags(after)));
      change = { ...change, after, hidden, failure: this.#shortfall(after, server) };
    } catch (error) {
      return { ...change, changed: false, failure: this.#refusal(error) };
    }
    return this.#plan.persist ? this.#persist(change) : change;
  }

  #targetOf(before: string, server: ServerInfo | undefined): string {
    const { add } = this.#plan;
    return add === undefined ? '' : mergeFlags(before, parseFlags(add), { accepted: server?.accepted });
  }

  /** Compared as sets: a server answers `AKE` to `KEA`. */
  #shortfall(after: string, server: ServerInfo | undefined): NodeChange['failure'] {
    const { add } = this.#plan;
    if (add === undefined) {
      if (after === '') return undefined;
      return {
        message: `it still tells "${after}"`,
        remedy: 'somebody else sets it: find out who, and run this again'
      };
    }
    const missing = missingFlags(parseFlags(add), parseFlags(after), server?.accepted);
    if (!missing.size) return undefined;
    const impossible = server?.accepted ? unsupportedFlags(missing, server.accepted) : new Set<string>();
    const message = `it lacks "${formatFlags(missing)}"`;
    if (!impossible.size) return { message, remedy: 'somebody else sets it: find out who, and run this again' };
    return {
      message,
      remedy: `${server?.label} does not know "${formatFlags(impossible)}": a newer version is needed`
    };
  }

  #refusal(error: unknown): NonNullable<NodeChange['failure']> {
    const message = reasonOf(error);
    if (/event class|Invalid argument/i.test(message)) {
      const remedy = 'this server does not know all of these letters: leave out what it does not name';
      return { message, remedy };
    }
    return { message, remedy: remedyWithoutConfig(this.#provider, this.#plan.add ?? '') };
  }

  /** Also where nothing had to be changed: it may never have been written. */
  async #persist(change: NodeChange): Promise<NodeChange> {
    try {
      await persistConfiguration(this.#link);
      return { ...change, persisted: true };
    } catch (error) {
      const message = `it is not kept over a restart: ${reasonOf(error)}`;
      const remedy = /without a config file/i.test(message)
        ? 'start the server with a configuration file, or with --notify-keyspace-events on its command line'
        : 'grant +config|rewrite, and see whether the server may write its configuration file; or change that file';
      return { ...change, failure: change.failure ?? { message, remedy } };
    }
  }
}
