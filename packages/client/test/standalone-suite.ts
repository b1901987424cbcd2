import {
  startStandalone,
  type RedisServer,
  type ServerBinary,
  type StandaloneOptions
} from '@redis-keyspace/test-utils';
import { Clients } from './clients';
import { perSuite } from './resources';

/** One server for the suite in whose body it is made, and clients that end with each test. */
export class StandaloneSuite {
  readonly clients = new Clients();
  server!: RedisServer;

  constructor(binary: ServerBinary, options?: StandaloneOptions) {
    const resources = perSuite();
    // A server that a test broke and left so would break the next one.
    afterEach(async () => {
      if (this.server.isHanging) this.server.resume();
      else if (!this.server.isRunning) await this.server.restart();
    });
    before(async () => {
      this.server = resources.add(await startStandalone(binary, options), server => server.stop());
    });
  }

  /** A client of this server. */
  connect(options?: Parameters<Clients['client']>[1]) {
    return this.clients.client(this.server, options);
  }

  /** SET by the test kit's own connection. */
  async write(...keys: readonly (string | Buffer)[]): Promise<void> {
    for (const key of keys) await this.server.command('SET', key, 'value');
  }
}
