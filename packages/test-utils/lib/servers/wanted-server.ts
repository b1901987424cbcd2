import { compareVersions, type ServerProduct, type ServerRecord } from './server-binary';

/** One column of the matrix, and where it can be had. */
export interface WantedServer {
  readonly id: string;
  readonly product: ServerProduct;
  /** Versions in [from, below) will do. */
  readonly from: string;
  readonly below: string;
  /** Debian suites to read, and the package to take, the first that is there. */
  readonly suites: readonly string[];
  readonly packages: readonly string[];
  readonly image: string;
}

/** The matrix: the oldest server with sharded pub/sub, and the newest of each product. */
export const WANTED_SERVERS: readonly WantedServer[] = [
  {
    id: 'redis7',
    product: 'redis',
    from: '7.0.0',
    below: '7.1.0',
    suites: ['bookworm'],
    packages: ['redis-server'],
    image: 'redis:7.0'
  },
  {
    id: 'redis8',
    product: 'redis',
    from: '8.0.0',
    below: '9.0.0',
    suites: ['sid', 'experimental'],
    packages: ['redis-server/experimental', 'redis-server'],
    image: 'redis:8'
  },
  {
    id: 'valkey9',
    product: 'valkey',
    from: '9.0.0',
    below: '10.0.0',
    suites: ['sid', 'experimental'],
    packages: ['valkey-server', 'valkey-server/experimental'],
    image: 'valkey/valkey:9'
  }
];

/** Whether this server can stand in that column. */
export function fits(wanted: WantedServer, { product, version }: Pick<ServerRecord, 'product' | 'version'>): boolean {
  return (
    product === wanted.product &&
    compareVersions(version, wanted.from) >= 0 &&
    compareVersions(version, wanted.below) < 0
  );
}
