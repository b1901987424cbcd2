/** Which server it is, from INFO; of Valkey its own `valkey_version`, not the `redis_version` that it tells too. */
export interface ServerVersion {
  /** Whose server it is. */
  readonly product: 'redis' | 'valkey' | 'keydb';
  /** Dotted numbers, as `8.6.3`; a development build of Redis says `255.255.255` and has everything. */
  readonly version: string;
}

/** The first release that has something, per product. A product that is not named never had it. */
export type Since = { readonly [PRODUCT in ServerVersion['product']]?: string };

/** Whether this server has what came with `since`. */
export function isSince({ product, version }: ServerVersion, since: Since): boolean {
  const first = since[product];
  return first !== undefined && compareVersions(version, first) >= 0;
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map(version => version.split('.').map(part => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
