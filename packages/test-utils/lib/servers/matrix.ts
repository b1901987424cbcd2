import { loadServers } from './find-servers';
import type { ServerBinary } from './server-binary';

declare const describe: (title: string, body: () => void) => unknown;

/** One mocha suite per server of the matrix, titled `title [Redis 8.6.3]`. */
export function matrix(title: string, body: (server: ServerBinary) => void): void {
  for (const server of loadServers()) {
    describe(`${title} [${server.label}]`, () => body(server));
  }
}
