import { Link } from '../connection/link';
import { fieldsOf, infoOf } from '../connection/replies';
import type { ConnectionSettings, Kind } from '../connection/settings';
import { reasonOf } from '../errors';
import type { FleetNode } from '../fleet/fleet';
import { serverInfoOf, type ServerInfo } from '../fleet/server-info';
import { readNotifySetting } from '../setting/notify-setting';
import type { Wants } from '../wants';
import { tryAccess, type Access } from './access';

/** What was learned of one node. Where a question was refused, its answer is missing. */
export interface NodeFacts {
  readonly node: FleetNode;
  /** Why it cannot be asked; then nothing else is known. */
  readonly error?: string;
  /** All of INFO; empty when it is refused. */
  readonly info: ReadonlyMap<string, string>;
  readonly server?: ServerInfo;
  /** The letters that are on. */
  readonly notify?: string;
  /** Why they are not known. */
  readonly notifyError?: string;
  /** `client-output-buffer-limit` */
  readonly bufferLimits?: string;
  /** `cluster-databases` of Valkey 9. */
  readonly clusterDatabases?: number;
  readonly user?: string;
  readonly access: readonly Access[];
}

const NOTHING = { info: new Map<string, string>(), access: [] };

/** Asks one node all that is to be known of it. Never rejects. */
export async function gatherFacts(
  node: FleetNode,
  kind: Kind,
  wants: Wants,
  settings: ConnectionSettings
): Promise<NodeFacts> {
  try {
    using link = await Link.open(node, settings);
    const info = infoOf(await link.ask('INFO', 'all').catch(() => ''));
    const [notify, notifyError] = await readNotifySetting(link).then(
      letters => [letters, undefined],
      (error: unknown) => [undefined, reasonOf(error)]
    );
    const user = await link.ask('ACL', 'WHOAMI').then(String, () => settings.credentials.username);
    const databases = await parameter(link, 'cluster-databases');
    return {
      node,
      info,
      server: serverInfoOf(info),
      notify,
      notifyError,
      bufferLimits: await parameter(link, 'client-output-buffer-limit'),
      clusterDatabases: databases === undefined ? undefined : Number(databases),
      user,
      access: await tryAccess(link, node, kind, wants.channels)
    };
  } catch (error) {
    return { ...NOTHING, node, error: reasonOf(error) };
  }
}

async function parameter(link: Link, name: string): Promise<string | undefined> {
  const value = await link.ask('CONFIG', 'GET', name).then(
    reply => fieldsOf(reply).get(name),
    () => undefined
  );
  return value === undefined || value === null ? undefined : String(value);
}
